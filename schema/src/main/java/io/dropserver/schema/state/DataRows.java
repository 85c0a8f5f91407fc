package io.dropserver.schema.state;

import static io.dropserver.schema.state.tables.Tables.APPSPACE_DATA;

import io.dropserver.schema.state.tables.tables.records.AppspaceDataRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/** The table {@code appspace_data}. */
final class DataRows {

  private DataRows() {}

  static List<DataFolder> all(DSLContext on) {
    return on.fetch(APPSPACE_DATA).map(DataRows::read);
  }

  static void write(DSLContext on, DataFolder data) {
    Long retainedAt = data.retainedAt().map(Instant::toEpochMilli).orElse(null);
    on.insertInto(APPSPACE_DATA)
        .set(APPSPACE_DATA.ID, data.id())
        .set(APPSPACE_DATA.APPSPACE, data.appspace())
        .set(APPSPACE_DATA.APP, data.app())
        .set(APPSPACE_DATA.OWNER, data.owner())
        .set(APPSPACE_DATA.UID, data.uid())
        .set(APPSPACE_DATA.CREATED_AT, data.createdAt().toEpochMilli())
        .set(APPSPACE_DATA.RETAINED_AT, retainedAt)
        .onConflict(APPSPACE_DATA.ID)
        .doUpdate()
        .set(APPSPACE_DATA.APPSPACE, data.appspace())
        .set(APPSPACE_DATA.APP, data.app())
        .set(APPSPACE_DATA.OWNER, data.owner())
        .set(APPSPACE_DATA.RETAINED_AT, retainedAt)
        .execute();
  }

  private static DataFolder read(AppspaceDataRecord row) {
    return new DataFolder(
        row.getId(),
        row.getAppspace(),
        row.getApp(),
        row.getOwner(),
        row.getUid(),
        Instant.ofEpochMilli(row.getCreatedAt()),
        Optional.ofNullable(row.getRetainedAt()).map(Instant::ofEpochMilli));
  }
}
