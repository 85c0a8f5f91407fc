package io.dropserver.cli.doctor;

import java.util.Arrays;

/**
 * The result of one check of {@code doctor}.
 *
 * @param present whether this machine passes the check
 * @param required whether apps can be served only if the check passes
 * @param detail version, location or problem
 * @param why the purpose of the checked feature
 * @param remedy the command that fixes the problem; empty if the check passes
 */
record DoctorCheck(
    String name, boolean present, boolean required, String detail, String why, String remedy) {

  static DoctorCheck present(String name, boolean required, String detail, String why) {
    return new DoctorCheck(name, true, required, detail, why, "");
  }

  /** Returns a failed check if the version at the start of {@code detail} is too old. */
  DoctorCheck atLeast(String version, String command) {
    String found = detail.split(",", 2)[0];
    return !present || !isOlder(found, version)
        ? this
        : missing(name, required, detail + " is older than " + version, why, command);
  }

  /**
   * Returns whether a version is too old. Also true for text that is not a version, so that the
   * user checks it.
   */
  private static boolean isOlder(String found, String wanted) {
    return !found.matches("\\d+(\\.\\d+)*.*")
        || Arrays.compare(numbers(found), numbers(wanted)) < 0;
  }

  /** Returns a failed check of the same program, which exists but does not work. */
  DoctorCheck failed(String problem, String command) {
    return missing(name, required, detail + ": " + problem, why, command);
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
