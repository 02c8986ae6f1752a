//! The enterprise hotline in one process, for tests of programs that use `hotline-client`. Add it to your
//! `[dev-dependencies]`; it is never a part of a program in service.
//!
//! It is the real server, with its embedded database in a temporary folder and a simulated clock. Clients reach it in
//! memory. [`Faults`] can lose answers, delay calls and refuse them.
//!
//! ```
//! use hotline_client::{Category, Channel, Complexity, CreateTicket, Role};
//! use hotline_fake::FakeHotline;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fake = FakeHotline::start().await?;
//! let agent = fake.client(Role::Agent)?;
//! let request = CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, "无法登录", "系统无法登录。");
//! // The answer of the first attempt is lost; the client repeats the call with the same request id.
//! fake.faults().lose_answers("CreateTicket", 1);
//! let ticket = agent.tickets().create_ticket(request).await?;
//! assert_eq!(ticket.intake_time, fake.now());
//! # Ok(())
//! # }
//! ```

mod fake;
mod faults;
mod front;
mod server_thread;

pub use fake::{FakeError, FakeHotline};
pub use faults::Faults;
