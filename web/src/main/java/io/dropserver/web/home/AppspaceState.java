package io.dropserver.web.home;

import io.dropserver.web.home.AppMetadataSource.Activity;

/** The state of an appspace, as pages show it. */
public enum AppspaceState {
  READY("Ready", "good", "It runs."),
  ASLEEP("Asleep", "dim", "It continues at once when you open it."),
  NEW("Not opened yet", "dim", "It starts when you open it."),
  STOPPED("Stopped", "dim", "It starts when you open it."),
  STARTING("Starting", "warn", "It will be ready in a moment."),
  PREPARING("Being set up", "warn", "Its app is being installed."),
  PAUSED("Paused", "dim", "It is stopped; its data is kept."),
  FAILED("Failed", "bad", "Its owner can see the reason on the dashboard.");

  private final String word;
  private final String tone;
  private final String sentence;

  AppspaceState(String word, String tone, String sentence) {
    this.word = word;
    this.tone = tone;
    this.sentence = sentence;
  }

  /** Returns the state of an appspace whose app is installed and not paused. */
  public static AppspaceState of(Activity activity) {
    return switch (activity) {
      case AWAKE -> READY;
      case STARTING -> STARTING;
      case ASLEEP -> ASLEEP;
      case NEW -> NEW;
      case STOPPED -> STOPPED;
      case FAILING -> FAILED;
    };
  }

  public String word() {
    return word;
  }

  /** Returns the CSS class of the state's mark. */
  public String tone() {
    return tone;
  }

  public String sentence() {
    return sentence;
  }
}
