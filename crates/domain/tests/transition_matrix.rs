//! The rendered table says what the code does.

use domain::testing::matrix::render;

const RENDERED: &str = include_str!("../../../docs/order-lifecycle.md");

#[test]
fn the_rendered_matrix_is_what_the_code_does() {
    let fresh = render();
    let differs = fresh.lines().zip(RENDERED.lines()).find(|(now, then)| now != then);
    assert!(
        fresh == RENDERED,
        "docs/order-lifecycle.md is stale: read the difference, then run `just matrix`.\n\
         first difference (code, document; none when one is only longer): {differs:#?}"
    );
}

#[test]
fn no_cell_of_the_matrix_is_empty() {
    let rows = RENDERED.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split('|').collect();
        assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "an empty cell in {row}");
    }
}
