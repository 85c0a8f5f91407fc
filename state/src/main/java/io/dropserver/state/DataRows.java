package io.dropserver.state;

import static io.dropserver.state.tables.Tables.APPSPACE_DATA;

import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.tables.tables.records.AppspaceDataRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/** Reads and writes the table {@code appspace_data}. */
final class DataRows {

  private DataRows() {}

  static List<DataFolder> all(DSLContext on) {
    return on.fetch(APPSPACE_DATA).map(DataRows::read);
  }

  /**
   * Uses one batch statement that is rendered once, because a first convergence writes thousands of
   * rows.
   */
  static void write(DSLContext on, Collection<DataFolder> all) {
    var statement =
        on.insertInto(APPSPACE_DATA)
            .columns(
                APPSPACE_DATA.ID,
                APPSPACE_DATA.IDENTITY,
                APPSPACE_DATA.APPSPACE,
                APPSPACE_DATA.APP,
                APPSPACE_DATA.OWNER,
                APPSPACE_DATA.UID,
                APPSPACE_DATA.CREATED_AT,
                APPSPACE_DATA.VERSION,
                APPSPACE_DATA.CONTENT,
                APPSPACE_DATA.RETAINED_AT)
            .values("", "", "", "", "", 0, 0L, (String) null, (String) null, (Long) null)
            .onConflict(APPSPACE_DATA.ID)
            .doUpdate()
            .setNonPrimaryKeyToExcluded();
    on.batch(statement).bind(all.stream().map(DataRows::values).toArray(Object[][]::new)).execute();
  }

  private static @Nullable Object[] values(DataFolder data) {
    return new @Nullable Object[] {
      data.id(),
      data.identity(),
      data.appspace(),
      data.app(),
      data.owner(),
      data.uid(),
      data.createdAt().toEpochMilli(),
      data.writer().map(Writer::version).orElse(null),
      data.writer().map(Writer::contentId).orElse(null),
      data.retainedAt().map(Instant::toEpochMilli).orElse(null)
    };
  }

  private static DataFolder read(AppspaceDataRecord row) {
    return new DataFolder(
        row.getId(),
        Optional.ofNullable(row.getIdentity()).orElse(row.getId()),
        row.getAppspace(),
        row.getApp(),
        row.getOwner(),
        row.getUid(),
        Instant.ofEpochMilli(row.getCreatedAt()),
        Optional.ofNullable(row.getVersion())
            .map(version -> new Writer(version, String.valueOf(row.getContent()))),
        Optional.ofNullable(row.getRetainedAt()).map(Instant::ofEpochMilli));
  }
}
