use petit_ports::{Generation, Random, StoreError};

use crate::{engine::Engine, statement::Cql};

static READ: Cql = Cql::read("SELECT generation, is_first FROM installation WHERE space = ?");
static BEGIN: Cql =
    Cql::lwt("INSERT INTO installation (space, generation, is_first) VALUES (?, ?, true) IF NOT EXISTS");

/// Which history the space holds. The first process that asks begins it; all others find the same.
pub(crate) async fn read(engine: &Engine, random: &dyn Random) -> Result<Generation, StoreError> {
    let found = || engine.row::<(i64, bool)>(&READ, (engine.space,));
    if let Some((id, is_first)) = found().await? {
        return Ok(Generation::new(id.cast_unsigned(), is_first));
    }
    engine.applies(&BEGIN, (engine.space, random.next_u64().cast_signed())).await?;
    let (id, is_first) = found().await?.ok_or(StoreError::Unavailable(None))?;
    Ok(Generation::new(id.cast_unsigned(), is_first))
}
