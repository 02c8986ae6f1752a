//! Figures that cities published, counted again from their published counts with synthetic tickets.

use super::super::{Fact, Scheme};
use super::fixture::{asked, cases, fact, one_item, points_of, rate_of, score};
use crate::ticket::{Category, Channel, Satisfied, UnitCode};

/// Lianyungang's satisfaction item: 25 points from a threshold on, 0.5 less for each percent point, at least 12.5. The
/// published points follow from the printed rates: 70.588… % would give 12.79, and 70.59 % gives 12.80.
fn lianyungang_satisfaction(threshold: u32) -> Scheme {
    one_item(&format!(
        "counted_by = \"surveyed\"\ndenominator = [\"satisfied_answered\"]\n\
         numerator = [{{ when = \"satisfied\" }}, {{ when = \"basically_satisfied\" }}]\n\
         rate_decimals = 2\nis_scored_as_printed = true\nweight = \"1\"\n\
         scale = {{ points = \"25\", full_at = \"{threshold}\", slope = \"0.5\", floor = \"12.5\" }}"
    ))
}

fn satisfied(counted: u32, of: u32) -> Vec<Fact> {
    let answer = |sequence| match sequence {
        _ if sequence > counted => Satisfied::Dissatisfied,
        _ if sequence % 2 == 0 => Satisfied::Basically,
        _ => Satisfied::Satisfied,
    };
    (1..=of).map(|sequence| asked(sequence, answer(sequence))).collect()
}

#[test]
fn lianyungang_satisfaction_is_reproduced() {
    for (threshold, counted, of, rate, points) in [
        (98, 3, 4, "75.00", "13.50"),
        (98, 5, 7, "71.43", "12.50"),
        (98, 1, 2, "50.00", "12.50"),
        (98, 7, 8, "87.50", "19.75"),
        (98, 5, 6, "83.33", "17.67"),
        (95, 2, 3, "66.67", "12.50"),
        (95, 1, 2, "50.00", "12.50"),
        (95, 12, 17, "70.59", "12.80"),
    ] {
        let scheme = lianyungang_satisfaction(threshold);
        let facts = satisfied(counted, of);
        assert_eq!((rate_of(&scheme, &facts), points_of(&scheme, &facts)), (rate.into(), points.into()));
    }
    let mut exact = lianyungang_satisfaction(95);
    exact.items[0].is_scored_as_printed = false;
    assert_eq!(points_of(&exact, &satisfied(12, 17)), "12.79", "from the exact rate it would differ");
}

#[test]
fn the_published_rounding_is_decimal_and_half_up() {
    let scheme = lianyungang_satisfaction(98);
    let facts = satisfied(5, 6);
    let points = score(&scheme, &facts).items[0].adjusted.points.clone().expect("it is scored");
    assert_eq!(points.to_string(), "17.665", "the number that is rounded lies in the middle");
    assert_eq!(points.to_decimal(2), "17.67");
    assert_eq!(format!("{:.2}", 17.665_f64), "17.66", "a double would be wrong");
}

#[test]
fn lianyungang_on_time_and_sign_for_are_reproduced() {
    let on_time = one_item(
        "counted_by = \"due\"\nnumerator = [{ when = \"on_time\" }]\nrate_decimals = 2\n\
         is_scored_as_printed = true\nweight = \"1\"\n\
         scale = { points = \"25\", full_at = \"100\", slope = \"1\", floor = \"0\" }",
    );
    let late = |fact: &mut Fact| fact.completed_at = None;
    for (counted, of, rate, points) in
        [(4_491, 5_000, "89.82", "14.82"), (2, 3, "66.67", "0.00"), (4, 5, "80.00", "5.00")]
    {
        let facts = cases(counted, of, |_| {}, late);
        assert_eq!((rate_of(&on_time, &facts), points_of(&on_time, &facts)), (rate.into(), points.into()));
    }
    // The edge of the cliff is not published; any edge above 80 % gives the published points.
    let sign_for = one_item(
        "counted_by = \"dispatched\"\nnumerator = [{ when = \"accepted_in_time\" }]\nrate_decimals = 2\nweight = \"1\"\n\
         scale = { points = \"25\", full_at = \"100\", slope = \"1\", floor = \"0\", \
         cliff = { below = \"90\", points = \"0\" } }",
    );
    let unsigned = |fact: &mut Fact| fact.accepted_at = None;
    for (counted, of, rate, points) in
        [(4, 5, "80.00", "0.00"), (17, 22, "77.27", "0.00"), (9, 10, "90.00", "15.00")]
    {
        let facts = cases(counted, of, |_| {}, unsigned);
        assert_eq!((rate_of(&sign_for, &facts), points_of(&sign_for, &facts)), (rate.into(), points.into()));
    }
}

#[test]
fn panjin_composites_are_reproduced() {
    let item = |key: &str, numerator: &str, weight: &str| {
        format!(
            "[[items]]\nkey = \"{key}\"\nclause = \"{key}\"\ncounted_by = \"received\"\n\
             numerator = [{{ when = \"{numerator}\" }}]\nrate_decimals = 1\nweight = \"{weight}\"\n\
             scale = {{ points = \"100\", full_at = \"100\", slope = \"1\", floor = \"0\" }}\n"
        )
    };
    // On-time feedback, valid call-back and knowledge base were 100 in every published row, with half of the weight.
    let items = [
        ("closing", "completed", "0.20"),
        ("satisfaction", "satisfied", "0.30"),
        ("others", "accepted", "0.50"),
    ];
    let items = items.map(|(key, numerator, weight)| item(key, numerator, weight)).join("");
    let scheme =
        Scheme::read(&format!("name = \"盘锦\"\ndecimals = 1\ncases_min = 1\n{items}")).expect("it is valid");
    // The rates behind the composites are not published; these counts of 1,000 cases give the published figures.
    for (closed, content, composite) in [
        (1_000, 977, "99.3"),
        (1_000, 973, "99.2"),
        (1_000, 970, "99.1"),
        (950, 946, "97.4"),
        (1_000, 1_000, "100.0"),
        (995, 970, "99.0"),
    ] {
        let mut facts = satisfied(2_000, 1_000);
        for (place, fact) in (0..).zip(&mut facts) {
            fact.completed_at = fact.completed_at.filter(|_| place < closed);
            let answer = if place < content { Satisfied::Satisfied } else { Satisfied::Dissatisfied };
            fact.follow_up.as_mut().expect("it was followed up").satisfied = Some(answer);
        }
        let score = score(&scheme, &facts);
        assert_eq!(score.composite.expect("every item has cases").to_decimal(scheme.decimals), composite);
    }
}

#[test]
fn ningguo_counts_dissatisfaction_over_hotline_orders_only() {
    let dissatisfaction = |denominator: &str| {
        one_item(&format!(
            "counted_by = \"completed\"\ndenominator = [{denominator}]\nnumerator = [{{ when = \"dissatisfied\" }}]\n\
             rate_decimals = 0\nweight = \"1\"\n\
             scale = {{ points = \"100\", full_at = \"100\", slope = \"1\", floor = \"0\" }}"
        ))
    };
    let hotline = dissatisfaction("\"completed\", \"by_telephone\"");
    let all = dissatisfaction("\"completed\"");
    // The web orders of each unit are not published; these give the rates that would follow from all orders.
    for (counted, of, web, rate, over_all) in [
        (8, 87, 10, "9", "8"),
        (6, 70, 6, "9", "8"),
        (5, 66, 8, "8", "7"),
        (3, 63, 8, "5", "4"),
        (5, 39, 3, "13", "12"),
    ] {
        let mut facts: Vec<_> = (1..=of).map(|sequence| asked(sequence, Satisfied::Satisfied)).collect();
        for fact in &mut facts[..counted] {
            fact.follow_up.as_mut().expect("it was followed up").satisfied = Some(Satisfied::Dissatisfied);
        }
        let by_web = |sequence| Fact { channel: Channel::Web, ..fact(of + sequence) };
        facts.extend((1..=web).map(by_web));
        assert_eq!((rate_of(&hotline, &facts), rate_of(&all, &facts)), (rate.into(), over_all.into()));
    }
}

#[test]
fn ningguo_totals_are_reproduced() {
    let on_time = one_item(
        "counted_by = \"dispatched\"\nnumerator = [{ when = \"on_time\" }]\nrate_decimals = 0\nweight = \"1\"\n\
         scale = { points = \"100\", full_at = \"100\", slope = \"1\", floor = \"0\" }",
    );
    // 2,877 requests: 2,276 that the line answered, and 601 that it sent, of which 69 came by web.
    let mut facts = cases(597, 601, |_| {}, |fact| fact.completed_at = None);
    for fact in &mut facts[..69] {
        fact.channel = Channel::Web;
    }
    let at_once = |sequence: u32| Fact { unit: None, dispatched_at: None, ..fact(601 + sequence) };
    facts.extend((1..=2_276_u32).map(at_once));
    let sent = score(&on_time, &facts);
    assert_eq!((sent.requests, facts.len()), (601, 2_877));
    assert_eq!(rate_of(&on_time, &facts), "99");
    let by_telephone = facts.iter().filter(|fact| fact.unit.is_some() && fact.channel == Channel::Telephone);
    assert_eq!(by_telephone.count(), 532);
}

#[test]
fn lianyungang_divides_by_what_is_due() {
    let rate = |numerator: &str| {
        one_item(&format!(
            "counted_by = \"due\"\nnumerator = [{{ when = \"{numerator}\" }}]\nrate_decimals = 2\nweight = \"1\"\n\
             scale = {{ points = \"100\", full_at = \"100\", slope = \"1\", floor = \"0\" }}"
        ))
    };
    let late = "2019-10-25T00:00:00Z".parse().ok();
    let mut facts = cases(22_345, 24_932, |_| {}, |fact| fact.completed_at = late);
    for fact in &mut facts[23_974..] {
        fact.completed_at = None;
    }
    assert_eq!(
        (rate_of(&rate("completed"), &facts), rate_of(&rate("on_time"), &facts)),
        ("96.16".into(), "89.62".into())
    );
    assert_eq!(rate_of(&rate("completed"), &cases(55, 77, |_| {}, |fact| fact.completed_at = None)), "71.43");
}

#[test]
fn tangshan_divides_by_what_is_classified() {
    let share = |denominator: &str| {
        one_item(&format!(
            "counted_by = \"received\"\ndenominator = [{denominator}]\nnumerator = [{{ when = \"consultation\" }}]\n\
             rate_decimals = 2\nweight = \"1\"\n\
             scale = {{ points = \"100\", full_at = \"100\", slope = \"1\", floor = \"0\" }}"
        ))
    };
    let classified = |fact: &mut Fact| fact.topic = Some("tax".to_owned());
    let consultation = |fact: &mut Fact| {
        classified(fact);
        fact.category = Category::Consultation;
    };
    let mut facts = cases(124_599, 195_532, consultation, classified);
    facts.extend((195_533..=284_406).map(fact));
    assert_eq!(rate_of(&share("\"classified\""), &facts), "63.72");
    assert_eq!(rate_of(&share(""), &facts), "43.81", "over all requests it would be another");
}

#[test]
fn jiangsu_counts_what_the_line_answered_at_once() {
    let at_once = one_item(
        "counted_by = \"received\"\nnumerator = [{ when = \"answered_at_once\" }]\nrate_decimals = 1\nweight = \"1\"\n\
         scale = { points = \"100\", full_at = \"100\", slope = \"1\", floor = \"0\" }",
    );
    // The published share is one of the whole line, so all tickets stand under one unit here.
    let open = |fact: &mut Fact| fact.completed_at = None;
    let mut facts = cases(9_503 + 3_475, 20_192, |_| {}, open);
    for fact in &mut facts {
        fact.unit = None;
    }
    let mut tally = super::super::MonthTally::new(&at_once, super::fixture::october());
    for fact in &facts {
        tally.add(std::slice::from_ref(fact));
    }
    let score = super::super::UnitScore::of(&at_once, &tally.of(None));
    assert_eq!(super::fixture::printed_rate(&at_once.items[0], &score.items[0]), "64.3");
    assert_eq!(tally.units.get(&Some(UnitCode("department-water".to_owned()))), None);
}
