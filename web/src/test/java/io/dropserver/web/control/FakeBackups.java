package io.dropserver.web.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes no backups: it reports one step, and then returns its arguments or refuses. */
final class FakeBackups implements BackupControl {
  @Override
  public List<Entry> backups() {
    return List.of();
  }

  @Override
  public Outcome run(Order order, Consumer<Step> progress) {
    if (order.appspace().equals(Optional.of("unknown"))) {
      throw new ControlException("there is no appspace \"unknown\"");
    }
    progress.accept(new Step(order.appspace().orElse(""), "copying", 50, 7, 1));
    return new Outcome(String.join("|", order.only()), Map.of("verb", order.verb().toString()));
  }

  @Override
  public Kit recoveryKit() {
    return new Kit("/backups", "secret", Optional.empty(), "/home.git", "main");
  }
}
