//! Statements of our own text, where diesel's builder has no words for what one round trip can do.
//! The text lies in `sql/`, with `$1…` as PostgreSQL numbers them; it is prepared once per
//! connection, like every statement of the builder.

use bigdecimal::BigDecimal;
use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{
    Array, BigInt, Bytea, Integer, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use time::{Duration, OffsetDateTime};
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
    Texts(Vec<&'a str>),
    Uuids(Vec<Option<Uuid>>),
    BigInts(Vec<i64>),
    Integers(Vec<i32>),
    Times(Vec<OffsetDateTime>),
    MaybeTexts(Vec<Option<&'a str>>),
    MaybeBigInts(Vec<Option<i64>>),
}

impl Bind<'_> {
    /// A length of time as a number of microseconds: a statement multiplies it.
    pub(crate) fn micros(duration: Duration) -> Self {
        Self::BigInt(i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX))
    }

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
            Self::Texts(value) => out.push_bind_param::<Array<Text>, _>(value),
            Self::Uuids(value) => out.push_bind_param::<Array<Nullable<SqlUuid>>, _>(value),
            Self::BigInts(value) => out.push_bind_param::<Array<BigInt>, _>(value),
            Self::Integers(value) => out.push_bind_param::<Array<Integer>, _>(value),
            Self::Times(value) => out.push_bind_param::<Array<Timestamptz>, _>(value),
            Self::MaybeTexts(value) => out.push_bind_param::<Array<Nullable<Text>>, _>(value),
            Self::MaybeBigInts(value) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(value),
        }
    }
}

/// A text with its binds.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) text: &'static str,
    pub(crate) binds: Vec<Bind<'a>>,
}

impl<'a> Statement<'a> {
    /// The statement as one that answers rows of the SQL types `T`.
    pub(crate) fn returning<T>(self) -> Returning<'a, T> {
        Returning { statement: self, columns: PhantomData }
    }
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

/// A statement that answers rows. Load them all: they are told before they are committed, the end of
/// them after it.
#[derive(Debug)]
pub(crate) struct Returning<'a, T> {
    statement: Statement<'a>,
    columns: PhantomData<fn() -> T>,
}

impl<T> QueryFragment<Pg> for Returning<'_, T> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }
}

impl<T> QueryId for Returning<'_, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> Query for Returning<'_, T> {
    type SqlType = T;
}
