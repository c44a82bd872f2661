//! One normaliser of French text for both databases.
