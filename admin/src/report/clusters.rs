//! The section of a month about clusters: what companies asked about the same cause, with its growth and its places.

use hotline_client::{TicketCluster, ValueCount};

use super::figures::Figures;
use super::page::{PageCell, PageRow, Section, Shape, column};
use super::totals::of_period;
use super::wording::{Grouping, Wording};

/// The section; none for a week.
pub(super) fn clusters(figures: &Figures, wording: Wording) -> Option<Section> {
    let found = figures.clusters.as_ref()?;
    let mut paragraphs = vec![wording.say(
        "文字相近、被关联或并单的工单算作同一原因，至少 3 件。按增长排列，小数目不会因此排在前面。命令列出最先受理的至多 100 件。",
        "Tickets with similar texts, and those that staff linked or merged, count as one cause; at least 3. The order is that of growth, in which small numbers do not win. A command lists the first 100 tickets.",
    )];
    if found.sample_step > 1 {
        paragraphs.push(wording.count(
            "工单过多：每 {} 件比较一件，各数为抽样数。",
            "There are too many tickets: one in {} was compared, and the counts are those of the sample.",
            found.sample_step,
        ));
    }
    let before = wording.days(figures.period.before());
    Some(Section {
        key: "clusters",
        heading: wording.say("同一原因的诉求", "Requests of the same cause"),
        paragraphs,
        chart: None,
        columns: vec![
            column(wording.say("共同文字", "Shared words"), Shape::Text),
            column(wording.say("本期", "Period"), Shape::Count),
            // The numbers in the command are those of this period, so no flags lead to the tickets before.
            column(wording.say(&format!("{before} 的工单"), &format!("Tickets from {before}")), Shape::Count),
            column(wording.say("增长", "Growth"), Shape::Number),
            column(wording.say("区域", "Districts"), Shape::Text),
            column(wording.say("事项", "Topics"), Shape::Text),
        ],
        rows: found.clusters.iter().map(|cluster| row(cluster, figures, wording)).collect(),
    })
}

fn row(cluster: &TicketCluster, figures: &Figures, wording: Wording) -> PageRow {
    let separator = wording.say("、", ", ");
    let places = |by: Grouping, counts: &[ValueCount]| {
        let place = |one: &ValueCount| {
            let name = by.name(figures, &one.value, wording.0);
            let name = if name.is_empty() { one.value.clone() } else { name };
            format!("{name} {}", one.tickets)
        };
        PageCell::Text(counts.iter().map(place).collect::<Vec<_>>().join(&separator))
    };
    let cells = vec![
        PageCell::Text(cluster.shared_texts.join(&separator)),
        PageCell::Count(cluster.tickets),
        PageCell::Count(cluster.tickets_period_before),
        PageCell::Growth(cluster.growth),
        places(Grouping::District, &cluster.districts),
        places(Grouping::Topic, &cluster.topics),
    ];
    let numbers = cluster.ticket_numbers.join(",");
    PageRow { cells, command: of_period(figures).value("number", &numbers).to_string() }
}
