package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.SETTING;

import io.dropserver.state.StateDatabase;
import java.util.Optional;

/** Stores single values in the database, by key. Thread-safe. */
public record Settings(StateDatabase database) {

  public Optional<String> find(String key) {
    return database
        .read(on -> on.fetchOptional(SETTING, SETTING.KEY.eq(key)))
        .map(row -> row.getValue());
  }

  public void put(String key, String value) {
    database.write(
        on ->
            on.insertInto(SETTING)
                .set(SETTING.KEY, key)
                .set(SETTING.VALUE, value)
                .onDuplicateKeyUpdate()
                .set(SETTING.VALUE, value)
                .execute());
  }
}
