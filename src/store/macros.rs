//! One query, whichever database the transaction belongs to.

/// Runs the same query on whichever database the transaction belongs to.
macro_rules! on {
    ($tx:expr, |$conn:ident| $query:expr) => {
        match $tx.connection() {
            $crate::store::Connection::Sqlite(transaction) => {
                let $conn = &mut **transaction;
                $query
            }
            $crate::store::Connection::Postgres(transaction) => {
                let $conn = &mut **transaction;
                $query
            }
        }
    };
}
