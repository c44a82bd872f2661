//! What the directory costs with many structures, on both engines.

use std::time::Instant;

use super::*;
use crate::{
    domain::territory,
    store::{Store, testing::on_each_store},
};

const STRUCTURES: i64 = 10_000;
const RECOMMENDATIONS: i64 = 50_000;
const FACET_ROWS: &str = "INSERT INTO host_facets (host_id, facet, value) ";

fn order() -> Order {
    Order {
        day: "2026-11-22".parse().unwrap(),
        factor: 1_234_567_891,
        shift: 987_654_321,
    }
}

async fn run(tx: &mut crate::store::Write, sql: &str) {
    on!(tx, |conn| sqlx::query(AssertSqlSafe(sql))
        .execute(conn)
        .await
        .map(|_| ()))
    .unwrap();
}

/// Numbers from 1 to `most`, as a table `n(i)`.
fn numbers(most: i64) -> String {
    format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})")
}

/// Values of a structure: some of each facet, by its number.
fn facets_of(id: i64) -> Vec<(&'static str, String)> {
    let departements = territory::departements();
    let at = |shift: i64| {
        let index = usize::try_from((id * 7 + shift) % 101).unwrap();
        let place = departements.get(index).unwrap();
        (
            format!("departement:{}", place.code),
            format!("within:{}", place.region.code),
        )
    };
    let mut facets = vec![
        (
            "line",
            ["diagnosis", "hosting", "support"][usize::try_from(id % 3).unwrap()].into(),
        ),
        ("line", "migration".into()),
        (
            "price",
            ["free", "quotient", "quote"][usize::try_from(id % 3).unwrap()].into(),
        ),
        ("capacity", if id % 4 == 0 { "full" } else { "open" }.into()),
        ("role", "accompanies".into()),
        (
            "size",
            ["small", "medium"][usize::try_from(id % 2).unwrap()].into(),
        ),
    ];
    if id % 10 == 0 {
        facets.push(("territory", "everywhere".into()));
    } else {
        let (departement, within) = at(0);
        facets.extend([("territory", departement), ("territory", within)]);
    }
    for shift in 0..5 {
        facets.push(("software", format!("programme-{}", (id + shift * 13) % 200)));
        facets.push(("tool", format!("outil-{}", (id + shift * 17) % 120)));
    }
    if id % 3 == 0 {
        facets.push(("collective", "chatons".into()));
    }
    facets.sort();
    facets.dedup();
    facets
}

async fn fill(store: &Store) {
    let mut tx = store.write().await.unwrap();
    let many = numbers(STRUCTURES);
    run(
        &mut tx,
        &format!(
            "INSERT INTO organisations (id, slug, name, kind, legal_form, created_at, updated_at)
         {many} SELECT i, 'o-' || i, 'Structure ' || i, 'structure', 'company', 0, 0 FROM n"
        ),
    )
    .await;
    run(
        &mut tx,
        &format!(
            "INSERT INTO hosts (id, organisation_id, handle, state, capacity, version, created_at,
            updated_at, confirmation_reminders, suspension_motive, listing, counted, listed_since)
         {many} SELECT i, i, 'h_' || i, 'accepted', 'open', 1, 0, 0, 0, '', 'listed', 5, i FROM n"
        ),
    )
    .await;
    let many = numbers(RECOMMENDATIONS);
    run(&mut tx, &format!(
        "INSERT INTO accompaniments (id, host_id, organisation_id, number, state, declared_by, scope,
            started_on, is_founding, created_at, updated_at, volunteer_hours)
         {many} SELECT i, 1 + i % {STRUCTURES}, 1 + (i + 1) % {STRUCTURES}, i, 'finished', 'host', '{{}}',
            '2026-01-01', FALSE, 0, 0, 12 FROM n"
    )).await;
    run(&mut tx, &format!(
        "INSERT INTO recommendations (id, accompaniment_id, host_id, organisation_id, number, state,
            answers, author_name, author_role, interest, would_take_call, version, created_at,
            updated_at, review_reminders, published_at, withdrawal_motive, reply)
         {many} SELECT i, i, 1 + i % {STRUCTURES}, 1 + (i + 1) % {STRUCTURES}, i, 'published', '{{}}', '',
            '', '', FALSE, 1, 0, 0, 0, i, '', '' FROM n"
    )).await;
    for start in (1..=STRUCTURES).step_by(400) {
        let rows: Vec<_> = (start..(start + 400).min(STRUCTURES + 1))
            .flat_map(|id| {
                facets_of(id)
                    .into_iter()
                    .map(move |(facet, value)| (id, facet, value))
            })
            .collect();
        on!(tx, |conn| {
            let mut query = QueryBuilder::new(FACET_ROWS);
            query.push_values(&rows, |mut row, (id, facet, value)| {
                row.push_bind(*id)
                    .push_bind(*facet)
                    .push_bind(value.as_str());
            });
            query.build().execute(conn).await.map(|_| ())
        })
        .unwrap();
    }
    run(&mut tx, "ANALYZE").await;
    tx.commit().await.unwrap();
}

async fn explain(tx: &mut Read, filter: &Filter<'_>) -> Vec<String> {
    let clause = Clause::new(tx.engine(), filter, Some(Facet::Line));
    let start = match tx.engine() {
        Engine::Sqlite => "EXPLAIN QUERY PLAN",
        Engine::Postgres => "EXPLAIN",
    };
    let column = match tx.engine() {
        Engine::Sqlite => 3,
        Engine::Postgres => 0,
    };
    let sql = format!(
        "{start} SELECT host_facets.value, COUNT(*) AS structures
         FROM host_facets WHERE host_facets.facet = 'line'
           AND host_facets.host_id IN (SELECT hosts.id FROM hosts WHERE {})
         GROUP BY host_facets.value",
        clause.sql
    );
    on!(tx, |conn| {
        let mut query = sqlx::query(AssertSqlSafe(sql.as_str()));
        for value in &clause.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query.fetch_all(conn).await.map(|rows| {
            rows.iter()
                .map(|row| sqlx::Row::get::<String, _>(row, column))
                .collect()
        })
    })
    .unwrap()
}

/// `cargo test --lib store::directory -- --ignored --nocapture` prints durations and plans.
#[tokio::test]
#[ignore = "fills two databases: half a minute"]
async fn ten_thousand_structures_are_filtered_by_indexed_queries() {
    on_each_store(async |store| {
        prepare(&store).await.unwrap();
        fill(&store).await;
        let mut tx = store.read().await.unwrap();
        let engine = tx.engine();
        let chosen = |facet: Facet, values: &[&str]| {
            (facet, values.iter().map(|it| (*it).to_owned()).collect())
        };
        let none = Filter::default();
        let some = Filter {
            chosen: vec![
                chosen(
                    Facet::Territory,
                    &["everywhere", "region:53", "departement:29"],
                ),
                chosen(Facet::Price, &["free"]),
            ],
            ..Filter::default()
        };
        for (name, filter) in [("no filter", &none), ("two filters", &some)] {
            let begun = Instant::now();
            let page = list(&mut tx, filter, order(), Position::First, 21)
                .await
                .unwrap();
            println!("{engine:?}, {name}: a page in {:?}", begun.elapsed());
            let first = page.first().unwrap();
            assert!(page.is_sorted_by_key(|entry| order().place(entry.id.get())));
            assert_eq!(first.standing, Standing::Listed);
            for facet in Facet::ALL {
                let begun = Instant::now();
                let counts = count_by(&mut tx, filter, *facet).await.unwrap();
                println!(
                    "{engine:?}, {name}: {facet} in {:?}, {} values",
                    begun.elapsed(),
                    counts.len()
                );
            }
            let plan = explain(&mut tx, filter).await.join("\n");
            println!("{plan}\n");
            let uses_index = match engine {
                Engine::Sqlite => {
                    !plan.contains("SCAN hosts") && !plan.contains("SCAN host_facets\n")
                }
                Engine::Postgres => !plan.contains("Seq Scan on host_facets"),
            };
            assert!(uses_index, "{plan}");
        }
        let begun = Instant::now();
        let newest = list_newest_recommendations(&mut tx, 40).await.unwrap();
        println!(
            "{engine:?}: newest recommendations in {:?}",
            begun.elapsed()
        );
        assert_eq!(newest.len(), 40);
    })
    .await;
}
