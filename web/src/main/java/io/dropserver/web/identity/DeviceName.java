package io.dropserver.web.identity;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names the browser and the system of a session, such as "Firefox on Android". Thread-safe. */
public final class DeviceName {
  private static final int MAX_READ = 500;

  /** Marks in a {@code User-Agent}. The first mark that is found decides. */
  private static final Map<String, String> BROWSERS =
      ordered(
          "Edg", "Edge",
          "OPR/", "Opera",
          "SamsungBrowser/", "Samsung Internet",
          "Firefox/", "Firefox",
          "FxiOS/", "Firefox",
          "CriOS/", "Chrome",
          "Chromium/", "Chromium",
          "Chrome/", "Chrome",
          "Safari/", "Safari",
          "curl/", "curl");

  private static final Map<String, String> SYSTEMS =
      ordered(
          "Android", "Android",
          "iPhone", "iPhone",
          "iPad", "iPad",
          "Windows", "Windows",
          "Macintosh", "Mac",
          "CrOS", "ChromeOS",
          "Linux", "Linux");

  private DeviceName() {}

  /**
   * @param agent the browser's {@code User-Agent}: untrusted
   * @return a fixed text, which contains no part of the parameter
   */
  public static String of(String agent) {
    String read = agent.substring(0, Math.min(MAX_READ, agent.length()));
    String system = find(SYSTEMS, read, "");
    return find(BROWSERS, read, "Unknown browser") + (system.isEmpty() ? "" : " on " + system);
  }

  private static String find(Map<String, String> marks, String agent, String otherwise) {
    return marks.entrySet().stream()
        .filter(mark -> agent.contains(mark.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(otherwise);
  }

  private static Map<String, String> ordered(String... marksAndNames) {
    Map<String, String> ordered = new LinkedHashMap<>();
    for (int i = 0; i < marksAndNames.length; i += 2) {
      ordered.put(marksAndNames[i], marksAndNames[i + 1]);
    }
    return ordered;
  }
}
