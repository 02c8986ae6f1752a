//! What is generated from the flags: shell completions, man pages, and the reference `docs/cli.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::{Arg, Args, Command};
use clap_complete::Shell;

use crate::context::Done;
use crate::failure::{Exit, Failure};

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, mut root: Command) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut root, "hotline", &mut script);
        String::from_utf8(script).map_err(|error| Failure::about("completions", error))
    }
}

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder, which is made if it does not exist.
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
}

impl Man {
    pub(crate) fn run(self, root: &Command) -> Done {
        let about = |error: std::io::Error| Failure::about(self.dir.display(), error);
        fs::create_dir_all(&self.dir).map_err(about)?;
        clap_mangen::generate_to(root.clone(), &self.dir).map_err(about)?;
        Ok(String::new())
    }
}

/// The foot of the long help: exit codes and files.
pub(crate) fn after_help() -> String {
    let mut text = String::from("Exit codes:\n   0  done\n");
    for (exit, meaning) in Exit::MEANINGS {
        let _ = writeln!(text, "  {:>2}  {meaning}", *exit as u8);
    }
    text + "\nFiles:\n  ~/.config/hotline/profiles.toml  [profile.NAME] tables with endpoint, token_file, ca_file, \
            certificate_file, key_file and server_name"
}

/// The reference of all commands as Markdown.
pub(crate) fn reference(root: &Command) -> String {
    let mut root = root.clone();
    root.build();
    let mut text = String::from(INTRODUCTION);
    for (exit, meaning) in Exit::MEANINGS {
        let _ = writeln!(text, "| {} | {} |", *exit as u8, escaped(meaning));
    }
    text += "\n## Flags of every command\n\n";
    write_flags(&mut text, root.get_arguments().filter(|arg| arg.is_global_set()));
    for noun in root.get_subcommands().filter(|noun| !noun.is_hide_set() && noun.get_name() != "help") {
        let _ = write!(text, "\n## hotline {}\n\n{}\n", noun.get_name(), about(noun));
        if noun.has_subcommands() {
            for verb in noun.get_subcommands().filter(|verb| verb.get_name() != "help") {
                let _ = write!(
                    text,
                    "\n### hotline {} {}\n\n{}\n\n",
                    noun.get_name(),
                    verb.get_name(),
                    about(verb)
                );
                write_flags(&mut text, verb.get_arguments().filter(|arg| !arg.is_global_set()));
            }
        } else {
            text.push('\n');
            write_flags(&mut text, noun.get_arguments().filter(|arg| !arg.is_global_set()));
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// Characters of a line of the reference.
const LINE_CHARS_MAX: usize = 118;

const INTRODUCTION: &str = "# The command line

`hotline` calls a server through the SDK, with the rights of its token. This page is generated from its flags:
`HOTLINE_BLESS=1 cargo test -p hotline-admin reference`. `hotline help NOUN VERB` shows the same in the terminal,
`hotline man --dir DIR` writes man pages, and `hotline completions SHELL` writes completions.

- Results go to the standard output, everything else to the standard error.
- `--output json` prints the values of the SDK. Their names are those of the contract.
- A text may come from a file: `--content @request.txt`, or `@-` for the standard input.
- A day is written `2027-06-30` and begins at midnight in Beijing. A time is written `2027-06-30T09:00:00+08:00`.
- A change that can't be undone asks first. A script confirms it with `--yes`.

## Profiles

`~/.config/hotline/profiles.toml` has a table for each server. `--profile` or `HOTLINE_PROFILE` names one; without them
it is `default`. A flag comes before the environment, and the environment before the profile.

```toml
[profile.default]
endpoint = \"https://hotline.example.cn:7312\"
token_file = \"/home/li/.config/hotline/token\"
ca_file = \"/etc/hotline/ca.pem\"
```

`certificate_file`, `key_file` and `server_name` are for mutual TLS and for a server behind another name.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
";

fn about(command: &Command) -> String {
    let about = command.get_long_about().or_else(|| command.get_about());
    about.map(|about| full_stop(&about.to_string())).unwrap_or_default()
}

fn full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', ':']) { text.to_owned() } else { format!("{text}.") }
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

fn write_flags<'a>(text: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let shown = |arg: &&Arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version_flag");
    let arguments: Vec<_> = arguments.filter(shown).filter(|arg| arg.get_long() != Some("version")).collect();
    if arguments.is_empty() {
        text.push_str("No flags of its own.\n");
        return;
    }
    for arg in arguments {
        let help = arg.get_help().map(|help| full_stop(&help.to_string())).unwrap_or_default();
        let mut meaning = help;
        if arg.is_required_set() {
            meaning += " Required.";
        }
        let values = arg.get_possible_values();
        let names: Vec<_> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
        if !names.is_empty() && !matches!(names[0].as_str(), "`true`") {
            let _ = write!(meaning, " One of {}.", names.join(", "));
        }
        text.push_str(&wrapped(&format!("- `{}`: {meaning}", usage(arg))));
    }
}

/// An item of a list in lines that are not too long.
fn wrapped(item: &str) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for word in item.split_whitespace() {
        let width = word.chars().count();
        if length > 0 && length + 1 + width > LINE_CHARS_MAX {
            text.push_str("\n  ");
            length = 2;
        } else if length > 0 {
            text.push(' ');
            length += 1;
        }
        text.push_str(word);
        length += width;
    }
    text + "\n"
}

/// How a flag is written.
fn usage(arg: &Arg) -> String {
    let value = arg.get_value_names().map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
    let value = value.unwrap_or_default().join(" ");
    match (arg.get_long(), arg.get_action().takes_values()) {
        (None, _) => value,
        (Some(long), false) => format!("--{long}"),
        (Some(long), true) => format!("--{long} {value}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// The page is made again with `HOTLINE_BLESS=1`.
    #[test]
    fn the_reference_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
        let text = reference(&Cli::command());
        if std::env::var_os("HOTLINE_BLESS").is_some() {
            fs::write(&path, &text).expect("it can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "docs/cli.md is out of date: HOTLINE_BLESS=1 cargo test -p hotline-admin reference"
        );
    }

    #[test]
    fn completions_and_man_pages_are_made() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let script = Completions { shell }.run(Cli::command()).expect("a script");
            assert!(script.contains("carry-over"), "{shell}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let man = Man { dir: folder.path().join("man") };
        man.run(&Cli::command()).expect("pages");
        let page = fs::read_to_string(folder.path().join("man/hotline-ticket-create.1")).expect("a page");
        assert!(page.contains("social\\-credit\\-code"), "{page}");
    }
}
