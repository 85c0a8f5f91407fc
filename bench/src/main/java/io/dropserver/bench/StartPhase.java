package io.dropserver.bench;

/** A part of the time from a request to the first byte of its response. */
enum StartPhase {
  SERVER("request to command"),
  MOUNTS("command to exec of Deno"),
  EXEC_TO_LISTENING("exec of Deno to listening"),
  FIRST_BYTE("listening to first byte");

  private final String text;

  StartPhase(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
