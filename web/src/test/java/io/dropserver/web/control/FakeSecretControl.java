package io.dropserver.web.control;

import io.dropserver.control.ControlException;
import io.dropserver.control.SecretControl;
import io.dropserver.control.SecretState;
import io.dropserver.control.SecretStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Stores secrets by appspace and name. */
final class FakeSecretControl implements SecretControl {
  final Map<String, String> values = new TreeMap<>();

  @Override
  public List<SecretStatus> secrets(Optional<String> appspace) {
    return values.keySet().stream()
        .map(key -> key.split("/", 2))
        .filter(key -> appspace.isEmpty() || appspace.get().equals(key[0]))
        .map(
            key ->
                new SecretStatus(
                    key[0],
                    key[1],
                    SecretState.SET,
                    Optional.of(Instant.EPOCH),
                    List.of("https://a/")))
        .toList();
  }

  @Override
  public void set(String appspace, String name, String value) {
    if (value.length() > LONGEST_VALUE) {
      throw new ControlException("too long");
    }
    values.put(appspace + "/" + name, value);
  }

  @Override
  public void remove(String appspace, String name) {
    if (values.remove(appspace + "/" + name) == null) {
      throw new ControlException("there is none");
    }
  }
}
