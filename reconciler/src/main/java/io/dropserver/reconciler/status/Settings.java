package io.dropserver.reconciler.status;

import static io.dropserver.schema.state.tables.Tables.SETTING;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.tables.tables.records.SettingRecord;
import java.util.Optional;

/** Stores single values in the database, by key. Thread-safe. */
public record Settings(StateDatabase database) {

  public Optional<String> find(String key) {
    return database
        .read(on -> on.fetchOptional(SETTING, SETTING.KEY.eq(key)))
        .map(row -> row.getValue());
  }

  public void put(String key, String value) {
    SettingRecord row = new SettingRecord(key, value);
    database.write(on -> on.insertInto(SETTING).set(row).onDuplicateKeyUpdate().set(row).execute());
  }
}
