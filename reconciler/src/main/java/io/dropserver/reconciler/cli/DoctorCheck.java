package io.dropserver.reconciler.cli;

import java.util.Arrays;

/**
 * One check of {@code doctor}.
 *
 * @param present whether this machine passes the check
 * @param required whether apps cannot be served without it
 * @param detail version, location or problem
 * @param why why it matters
 * @param remedy the command that fixes it; empty if present
 */
record DoctorCheck(
    String name, boolean present, boolean required, String detail, String why, String remedy) {

  static DoctorCheck present(String name, boolean required, String detail, String why) {
    return new DoctorCheck(name, true, required, detail, why, "");
  }

  /** Marks the check as failed if the version at the start of {@code detail} is too old. */
  DoctorCheck atLeast(String version, String command) {
    String found = detail.split(",", 2)[0];
    return !present || !isOlder(found, version)
        ? this
        : missing(name, required, detail + " is older than " + version, why, command);
  }

  /** Also true for text that is not a version, so that a person takes a look. */
  private static boolean isOlder(String found, String wanted) {
    return !found.matches("\\d+(\\.\\d+)*.*")
        || Arrays.compare(numbers(found), numbers(wanted)) < 0;
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("[^\\d]+"))
        .filter(number -> number.matches("\\d{1,6}"))
        .limit(3)
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  static DoctorCheck missing(
      String name, boolean required, String detail, String why, String remedy) {
    return new DoctorCheck(name, false, required, detail, why, remedy);
  }
}
