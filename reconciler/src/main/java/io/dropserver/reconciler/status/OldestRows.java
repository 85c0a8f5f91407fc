package io.dropserver.reconciler.status;

import java.util.Objects;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Limits the number of rows of tables. */
final class OldestRows {
  private OldestRows() {}

  /** Deletes the oldest rows of a table beyond a maximum number. */
  static void delete(DSLContext on, Table<?> table, Field<Long> time, int kept) {
    int over = on.fetchCount(table) - kept;
    if (over > 0) {
      Field<?>[] key = Objects.requireNonNull(table.getPrimaryKey()).getFieldsArray();
      on.deleteFrom(table)
          .where(DSL.row(key).in(DSL.select(key).from(table).orderBy(time).limit(over)))
          .execute();
    }
  }
}
