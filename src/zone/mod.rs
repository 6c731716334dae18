//! DNS names, records and zone text. Knows nothing of mail.
