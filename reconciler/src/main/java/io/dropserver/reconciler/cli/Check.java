package io.dropserver.reconciler.cli;

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

  static Check missing(String name, boolean required, String detail, String why, String remedy) {
    return new Check(name, false, required, detail, why, remedy);
  }
}
