//! Erlang's formulas: how many seats answer so many calls in time. Pure.
//!
//! Calls arrive at random, each keeps a seat busy for a random time, and callers wait as long as it takes (M/M/n). The
//! formulas are as in R. B. Cooper, *Introduction to Queueing Theory*, 2nd edition (1981), chapter 3.

/// The most seats that are tried.
pub const SEATS_MAX: u32 = 10_000;

/// The load and the target of a group of seats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Calls in an hour.
    pub calls_per_hour: f64,
    /// How long a call keeps a seat busy, in seconds.
    pub handling_seconds: f64,
}

impl Load {
    /// The seats that are busy on average if no call waits (Erlang).
    #[must_use]
    pub fn offered(&self) -> f64 {
        self.calls_per_hour * self.handling_seconds / 3_600.0
    }

    /// The share of calls that find all seats busy and wait (Erlang C); 1 if the seats cannot do the work.
    #[must_use]
    pub fn waiting_share(&self, seats: u32) -> f64 {
        let (offered, n) = (self.offered(), f64::from(seats));
        if offered >= n {
            return 1.0;
        }
        let blocked = blocked_share(offered, seats);
        n * blocked / (n - offered * (1.0 - blocked))
    }

    /// The share of calls that are answered within some seconds.
    #[must_use]
    pub fn in_time_share(&self, seats: u32, answer_seconds: f64) -> f64 {
        let spare = f64::from(seats) - self.offered();
        if spare <= 0.0 {
            return 0.0;
        }
        let late = self.waiting_share(seats) * (-spare * answer_seconds / self.handling_seconds).exp();
        (1.0 - late).clamp(0.0, 1.0)
    }

    /// The average wait of all calls, in seconds; `None` if the queue grows without end.
    #[must_use]
    pub fn average_wait_seconds(&self, seats: u32) -> Option<f64> {
        let spare = f64::from(seats) - self.offered();
        (spare > 0.0).then(|| self.waiting_share(seats) * self.handling_seconds / spare)
    }

    /// The least number of seats that answers a share of the calls in time. None are needed without work.
    #[must_use]
    pub fn seats_for(&self, target_share: f64, answer_seconds: f64) -> u32 {
        if self.offered() <= 0.0 {
            return 0;
        }
        (1..SEATS_MAX)
            .find(|seats| self.in_time_share(*seats, answer_seconds) >= target_share)
            .unwrap_or(SEATS_MAX)
    }
}

/// The share of calls that find all seats busy if none may wait (Erlang B).
#[must_use]
pub fn blocked_share(offered: f64, seats: u32) -> f64 {
    (1..=seats).fold(1.0, |blocked, n| {
        let busy = offered * blocked;
        busy / (f64::from(n) + busy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(value: f64, expected: f64, within: f64) -> bool {
        (value - expected).abs() <= within
    }

    /// Rows of the tables of Erlang B that every textbook prints: seats, and the load of which 1 % is blocked.
    #[test]
    fn blocked_shares_are_those_of_the_tables() {
        for (seats, offered) in [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)]
        {
            let blocked = blocked_share(offered, seats);
            assert!(is_near(blocked, 0.01, 0.000_1), "{seats}: {blocked}");
        }
    }

    /// The worked example of Call Centre Helper, "Erlang C Formula – Made Simple With an Easy Worked Example": 100
    /// calls in half an hour of 180 seconds, 14 agents.
    #[test]
    fn the_worked_example_comes_out() {
        let load = Load { calls_per_hour: 200.0, handling_seconds: 180.0 };
        assert!(is_near(load.offered(), 10.0, 1e-9));
        assert!(is_near(load.waiting_share(14), 0.174, 0.000_5), "{}", load.waiting_share(14));
        assert!(is_near(load.in_time_share(14, 20.0), 0.888, 0.000_5), "{}", load.in_time_share(14, 20.0));
        let wait = load.average_wait_seconds(14).expect("the seats can do the work");
        assert!(is_near(wait, 7.8, 0.05), "{wait}");
        assert_eq!(load.seats_for(0.80, 20.0), 14, "13 answer 79.6 %");
    }

    /// The worked example of Mitan's page "Erlang-C formula": 360 calls in half an hour of four minutes, 55 agents.
    #[test]
    fn a_second_worked_example_comes_out() {
        let load = Load { calls_per_hour: 720.0, handling_seconds: 240.0 };
        assert!(is_near(load.waiting_share(55), 0.239, 0.000_5), "{}", load.waiting_share(55));
        let wait = load.average_wait_seconds(55).expect("the seats can do the work");
        assert!(is_near(wait, 8.2, 0.05), "{wait}");
        assert!(is_near(load.in_time_share(55, 15.0), 0.846, 0.000_5));
    }

    #[test]
    fn one_seat_is_a_queue_with_one_server() {
        // M/M/1: a share of the load waits, for h / (1 - load).
        let load = Load { calls_per_hour: 12.0, handling_seconds: 150.0 };
        assert!(is_near(load.waiting_share(1), 0.5, 1e-12));
        assert!(is_near(load.average_wait_seconds(1).expect("it can"), 150.0, 1e-9));
    }

    #[test]
    fn more_seats_never_answer_less() {
        for offered in [0.5, 9.9, 47.0, 119.5] {
            let load = Load { calls_per_hour: offered * 20.0, handling_seconds: 180.0 };
            let shares: Vec<_> = (1..200).map(|seats| load.in_time_share(seats, 15.0)).collect();
            assert!(shares.windows(2).all(|pair| pair[0] <= pair[1]), "{offered}");
            let needed = load.seats_for(0.8, 15.0);
            assert!(load.in_time_share(needed, 15.0) >= 0.8 && load.in_time_share(needed - 1, 15.0) < 0.8);
        }
    }

    #[test]
    fn too_much_work_is_no_number() {
        let load = Load { calls_per_hour: 1e9, handling_seconds: 3_600.0 };
        assert_eq!(load.seats_for(0.8, 15.0), SEATS_MAX);
        assert_eq!(load.average_wait_seconds(50), None);
        let none = Load { calls_per_hour: 0.0, handling_seconds: 0.0 };
        assert_eq!(none.seats_for(0.8, 15.0), 0);
    }
}
