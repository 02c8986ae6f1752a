//! Ticket numbers: their check digit, and the spellings that are read.

use super::*;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("date")
}

/// Numbers of the first and last days, of a leap day, and every hundredth day and 997th sequence between.
fn samples() -> Vec<TicketNumber> {
    let edges = [day(2000, 1, 1), day(2024, 2, 29), day(2099, 12, 31)];
    let days = edges.into_iter().chain(day(2019, 10, 12).iter_days().step_by(100).take(20));
    days.flat_map(|day| {
        let sequences = [0, 17, SEQUENCE_MAX].into_iter().chain((1..=SEQUENCE_MAX).step_by(99_700));
        sequences.map(move |sequence| TicketNumber::new(day, sequence).expect("sample"))
    })
    .collect()
}

#[test]
fn damm_digit_agrees_with_the_published_example() {
    assert_eq!(damm(572), 4);
    assert_eq!(damm(5724), 0);
}

#[test]
fn table_is_totally_anti_symmetric() {
    for (row, left) in DAMM.iter().enumerate() {
        assert_eq!(left[row], 0, "a digit's own row maps it to 0");
        for x in 0..10 {
            for y in 0..10 {
                let swapped = DAMM[usize::from(left[x])][y] == DAMM[usize::from(left[y])][x];
                assert_eq!(swapped, x == y, "row {row}, {x} and {y}");
                assert_eq!(left[x] == left[y], x == y, "row {row} is no permutation");
            }
        }
    }
}

#[test]
fn every_form_comes_back_the_same() {
    for number in samples() {
        let text = number.to_string();
        assert_eq!(text.len(), TICKET_NUMBER_DIGITS);
        assert_eq!(TicketNumber::parse(&text), Ok(number));
        assert_eq!(TicketNumber::parse(&number.spoken()), Ok(number));
        assert_eq!(TicketNumber::from_i64(number.as_i64()), Ok(number));
        assert_eq!(TicketNumber::new(number.day(), number.sequence()), Ok(number));
        let json = serde_json::to_string(&number).expect("json");
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<TicketNumber>(&json).expect("number"), number);
    }
}

#[test]
fn every_single_wrong_digit_is_found() {
    for number in samples() {
        let digits = number.to_string().into_bytes();
        for place in 0..TICKET_NUMBER_DIGITS {
            for wrong in (b'0'..=b'9').filter(|wrong| *wrong != digits[place]) {
                let mut mistyped = digits.clone();
                mistyped[place] = wrong;
                let text = String::from_utf8(mistyped).expect("ascii");
                assert_eq!(TicketNumber::parse(&text), Err(NumberFault::CheckDigit), "{text} for {number}");
            }
        }
    }
}

#[test]
fn every_swap_of_neighbours_is_found() {
    for number in samples() {
        let digits = number.to_string().into_bytes();
        for place in (1..TICKET_NUMBER_DIGITS).filter(|place| digits[*place] != digits[place - 1]) {
            let mut swapped = digits.clone();
            swapped.swap(place - 1, place);
            let text = String::from_utf8(swapped).expect("ascii");
            assert_eq!(TicketNumber::parse(&text), Err(NumberFault::CheckDigit), "{text} for {number}");
        }
    }
}

#[test]
fn order_is_day_then_sequence() {
    let eve = TicketNumber::new(day(2019, 10, 12), SEQUENCE_MAX).expect("number");
    let morning = TicketNumber::new(day(2019, 10, 13), 0).expect("number");
    assert!(eve < morning && eve.to_string() < morning.to_string());
}

#[test]
fn a_number_is_read_in_every_spelling_that_people_paste() {
    let number = TicketNumber::new(day(2019, 10, 12), 17).expect("number");
    assert_eq!(number.spoken(), "191012-000017-8");
    for text in [
        "191012-000017-8",
        "1910120000178",
        "191012 000017 8",
        " 1910-1200-0017-8 ",
        "191012—000017—8",
        "191012–000017–8",
        "191012\u{2011}000017\u{2212}8",
        "191012.000017.8",
        "１９１０１２－００００１７－８",
        "１９１０１２0000178",
        "191012\u{a0}000017\u{3000}8",
        "\u{feff}191012\u{200b}000017\u{ad}8\u{200e}",
        "1910120000178\n",
        "\t191012-000017-8\r\n",
        "工单编号：191012-000017-8",
        "【1910120000178】",
        "（191012-000017-8）",
        "No. 1910120000178",
        "#1910120000178",
        "№1910120000178",
    ] {
        assert_eq!(TicketNumber::parse(text), Ok(number), "{text:?}");
    }
    let long = "1910120000178".to_owned() + &" ".repeat(TEXT_MAX_BYTES);
    for text in
        ["", "191012000017", "19101200001780", "191012_0000178", "191012000017八", "-", "工单编号：", &long]
    {
        assert_eq!(TicketNumber::parse(text), Err(NumberFault::Shape), "{text:?}");
    }
}

#[test]
fn limits_are_refused_by_name() {
    assert_eq!(TicketNumber::new(day(1999, 12, 31), 0), Err(NumberFault::Year(1999)));
    assert_eq!(TicketNumber::new(day(2100, 1, 1), 0), Err(NumberFault::Year(2100)));
    assert_eq!(TicketNumber::new(day(2019, 10, 12), 1_000_000), Err(NumberFault::Sequence(1_000_000)));
    assert_eq!(TicketNumber::from_i64(-1), Err(NumberFault::Shape));
    assert_eq!(TicketNumber::from_i64(NUMBER_END), Err(NumberFault::Shape));
    // A fitting check digit does not make the thirtieth of February a day.
    let payload = 190_230_000_017;
    assert_eq!(TicketNumber::from_i64(payload * 10 + i64::from(damm(payload))), Err(NumberFault::Day));
    assert_eq!(TicketNumber::from_i64(0), Err(NumberFault::Day));
}
