package io.dropserver.reconciler.cli;

import java.util.Arrays;

/**
 * One thing that {@code doctor} looks at.
 *
 * @param present whether this machine has it
 * @param required whether nothing can be served without it
 * @param detail which, where, or why not
 * @param why it matters
 * @param remedy the command that brings it; empty where present
 */
record Check(
    String name, boolean present, boolean required, String detail, String why, String remedy) {

  static Check present(String name, boolean required, String detail, String why) {
    return new Check(name, true, required, detail, why, "");
  }

  /** Missing where the version that {@code detail} begins with is an older one. */
  Check atLeast(String version, String command) {
    String found = detail.split(",", 2)[0];
    return !present || !isOlder(found, version)
        ? this
        : missing(name, required, detail + " is older than " + version, why, command);
  }

  /** Also where it is no version at all, so that it is looked at. */
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

  static Check missing(String name, boolean required, String detail, String why, String remedy) {
    return new Check(name, false, required, detail, why, remedy);
  }
}
