package io.dropserver.cli;

import io.dropserver.control.ControlException;
import io.dropserver.control.SecretControl;
import io.dropserver.control.SecretStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Records its calls; the appspace {@code missing} does not exist. */
public final class FakeSecrets implements SecretControl {
  public final List<String> calls = new ArrayList<>();
  public List<SecretStatus> list = List.of();

  @Override
  public List<SecretStatus> secrets(Optional<String> appspace) {
    if (appspace.equals(Optional.of("missing"))) {
      throw new ControlException("there is no appspace \"missing\"");
    }
    return list;
  }

  @Override
  public void set(String appspace, String name, String value) {
    calls.add("set " + appspace + " " + name + " " + value);
  }

  @Override
  public void remove(String appspace, String name) {
    calls.add("remove " + appspace + " " + name);
  }
}
