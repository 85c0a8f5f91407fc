package io.dropserver.reconciler.status;

import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.plan.Observed;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateFolder;
import java.nio.file.Files;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the last applied state from a state folder once, for planning on the command line. Works
 * whether a server is running or not. Without a database, no object was applied.
 */
public record LastApplied(
    Map<ObjectKey, String> fingerprints, Map<ObjectKey, SortedMap<String, String>> all)
    implements Observed {

  /**
   * @throws io.dropserver.schema.state.StateException when the database cannot be read
   */
  public static Observed of(StateFolder state) {
    if (!Files.exists(state.database())) {
      return Observed.NOTHING;
    }
    try (StateDatabase database = StateDatabase.openReadOnly(state.database())) {
      ObjectStates states = new ObjectStates(database, new EventLog(database, Clock.systemUTC()));
      Map<ObjectKey, String> fingerprints = new HashMap<>();
      Map<ObjectKey, SortedMap<String, String>> fields = new HashMap<>();
      for (ObjectKey key : states.keys()) {
        fingerprints.put(key, states.fingerprint(key).orElseThrow());
        fields.put(key, states.fields(key));
      }
      return new LastApplied(fingerprints, fields);
    }
  }

  @Override
  public Set<ObjectKey> keys() {
    return fingerprints.keySet();
  }

  @Override
  public Optional<String> fingerprint(ObjectKey key) {
    return Optional.ofNullable(fingerprints.get(key));
  }

  @Override
  public SortedMap<String, String> fields(ObjectKey key) {
    return all.getOrDefault(key, new TreeMap<>());
  }
}
