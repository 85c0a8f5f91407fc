package io.dropserver.reconciler.backup;

import io.dropserver.backup.engine.Subject;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.status.Reason;
import java.util.Optional;

/** What backups need of the reconciler; bound by the composition root. Safe for several threads. */
public interface Appspaces {

  /** What is declared now, with the app version that serves; empty for what is not declared. */
  Optional<Declared> find(String appspace);

  /**
   * Stops the appspace, runs the work, and brings the appspace to what is declared again. Nothing
   * else is done to the appspace meanwhile.
   *
   * @throws RuntimeException what the work threw
   */
  void exchange(String appspace, Runnable work);

  /** Tries once more to bring an appspace to what is declared, where it is. Returns at once. */
  void lookAgain(String appspace);

  /** An event. */
  void report(String appspace, Reason reason, String message, boolean warning);

  /** The revision in service; empty text before the first. */
  String revision();

  /** The declaration and what of it is stored with a backup. */
  record Declared(Appspace appspace, Subject.Declaration declaration) {}
}
