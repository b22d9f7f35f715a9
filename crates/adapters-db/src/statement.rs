//! Statements of our own text, where diesel's builder has no words for what one round trip can do.
//! The text lies in `sql/`, with `$1…` as PostgreSQL numbers them; it is prepared once per
//! connection, like every statement of the builder.

use bigdecimal::BigDecimal;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{
    BigInt, Bytea, Integer, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use time::OffsetDateTime;
use uuid::Uuid;

/// A value with its SQL type.
#[derive(Debug)]
pub(crate) enum Bind<'a> {
    Uuid(Option<Uuid>),
    Text(Option<&'a str>),
    BigInt(i64),
    Integer(Option<i32>),
    SmallInt(Option<i16>),
    Numeric(BigDecimal),
    Time(OffsetDateTime),
    Bytes(Option<&'a [u8]>),
}

impl Bind<'_> {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Uuid(value) => out.push_bind_param::<Nullable<SqlUuid>, _>(value),
            Self::Text(value) => out.push_bind_param::<Nullable<Text>, _>(value),
            Self::BigInt(value) => out.push_bind_param::<BigInt, _>(value),
            Self::Integer(value) => out.push_bind_param::<Nullable<Integer>, _>(value),
            Self::SmallInt(value) => out.push_bind_param::<Nullable<SmallInt>, _>(value),
            Self::Numeric(value) => out.push_bind_param::<Numeric, _>(value),
            Self::Time(value) => out.push_bind_param::<Timestamptz, _>(value),
            Self::Bytes(value) => out.push_bind_param::<Nullable<Bytea>, _>(value),
        }
    }
}

/// A text with its binds.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) text: &'static str,
    pub(crate) binds: Vec<Bind<'a>>,
}

impl QueryFragment<Pg> for Statement<'_> {
    /// Diesel numbers parameters by itself, in the order of the text: one that the text names twice
    /// is sent twice.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut pieces = self.text.split('$');
        out.push_sql(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = piece.split_at(digits);
            let bind = number.parse::<usize>().ok().and_then(|n| self.binds.get(n.checked_sub(1)?));
            let missing = || diesel::result::Error::QueryBuilderError("no such bind".into());
            bind.ok_or_else(missing)?.push(&mut out)?;
            out.push_sql(rest);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
