use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn fates(seed: u64, disorder: &Disorder, mailbox: Uuid, others: usize) -> Vec<Fate> {
    let mut draws = Draws::new(seed);
    let next = |draws: &mut Draws| {
        for _ in 0..others {
            draws.next(Uuid::from_u128(99));
        }
        draws.next(mailbox).fate(disorder, &(1..=4), &(SECOND..=20 * SECOND))
    };
    (0..2_000).map(|_| next(&mut draws)).collect()
}

#[test]
fn the_seed_decides_and_other_mailboxes_do_not() {
    let (ana, bo) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let disorder = Disorder { loss: 0.2, late: 0.2, ..Disorder::default() };
    assert_eq!(fates(7, &disorder, ana, 0), fates(7, &disorder, ana, 3));
    assert_ne!(fates(7, &disorder, ana, 0), fates(8, &disorder, ana, 0));
    assert_ne!(fates(7, &disorder, ana, 0), fates(7, &disorder, bo, 0));
}

#[test]
fn shares_are_kept_about_and_each_number_of_copies_comes() {
    let disorder =
        Disorder { loss: 0.25, late: 0.5, lateness: 100 * SECOND..=100 * SECOND, ..Disorder::default() };
    let fates = fates(1, &disorder, Uuid::from_u128(1), 0);
    let lost = fates.iter().filter(|fate| **fate == Fate::Lost).count();
    assert!((400..=600).contains(&lost), "{lost} of 2000");
    let told: Vec<&Vec<Duration>> = fates
        .iter()
        .filter_map(|fate| match fate {
            Fate::Told(delays) => Some(delays),
            Fate::Lost => None,
        })
        .collect();
    for copies in 1..=4 {
        assert!(told.iter().filter(|delays| delays.len() == copies).count() > 200, "{copies} copies");
    }
    let all: Vec<Duration> = told.into_iter().flatten().copied().collect();
    let late = all.iter().filter(|delay| **delay >= 101 * SECOND).count();
    assert!(late * 100 / all.len() > 45 && late * 100 / all.len() < 55, "{late} of {}", all.len());
    assert!(all.iter().all(|delay| (SECOND..=20 * SECOND).contains(delay) || *delay > 100 * SECOND));
}

#[test]
fn without_disorder_everything_is_told() {
    let fates = fates(1, &Disorder::default(), Uuid::from_u128(1), 0);
    assert!(fates.iter().all(|fate| *fate != Fate::Lost));
}

#[test]
fn spells_follow_each_other_and_concern_one_or_all() {
    let spells = Spells { pause: SECOND..=3 * SECOND, lasting: SECOND..=2 * SECOND, everybody: 0.5 };
    let plan: Vec<Spell> = spells.plan(3, 5).take(200).collect();
    assert_eq!(plan, spells.plan(3, 5).take(200).collect::<Vec<_>>());
    for pair in plan.windows(2) {
        let rest = pair[1].at - (pair[0].at + pair[0].lasting);
        assert!((SECOND..=3 * SECOND).contains(&rest), "{pair:?}");
    }
    let everybody = plan.iter().filter(|spell| spell.mailbox.is_none()).count();
    assert!((60..=140).contains(&everybody), "{everybody}");
    assert!(plan.iter().filter_map(|spell| spell.mailbox).all(|mailbox| mailbox < 5));
}
