package io.dropserver.reconciler.approval;

import io.dropserver.egress.Destination;
import io.dropserver.egress.Host;
import java.lang.Character.UnicodeScript;
import java.net.IDN;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Warns reviewers about properties of a destination that are easy to overlook. */
final class LookAlikes {
  private LookAlikes() {}

  /**
   * @param allowedHosts hosts that the appspace can already reach
   * @return sentences; every host name in them is in backquotes
   */
  static List<String> warnings(Destination destination, Collection<String> allowedHosts) {
    List<String> warnings = new ArrayList<>();
    if (destination.scheme() == Destination.Scheme.HTTP) {
      warnings.add("The connection is not encrypted: the network between can read and change it.");
    }
    if (destination.port() != destination.scheme().defaultPort()) {
      warnings.add("It uses the unusual port " + destination.port() + ".");
    }
    switch (destination.host()) {
      case Host.Address _ -> warnings.add("It is an address without a name.");
      case Host.Name(String name) -> name(name, allowedHosts, warnings);
    }
    return List.copyOf(warnings);
  }

  private static void name(String name, Collection<String> allowedHosts, List<String> warnings) {
    String read = name.contains("xn--") ? IDN.toUnicode(name) : name;
    if (!read.equals(name)) {
      // Escape letters that are invisible or change the text direction.
      warnings.add("It is written in punycode and is shown by some as `" + escaped(read) + "`.");
      Set<String> scripts = scripts(read);
      if (scripts.size() > 1) {
        warnings.add("It mixes letters of several scripts: " + String.join(", ", scripts) + ".");
      }
    }
    for (String allowed : new TreeSet<>(allowedHosts)) {
      if (allowed.equals(name) || name.endsWith("." + allowed)) {
        continue;
      }
      if (name.startsWith(allowed + ".") || name.contains("." + allowed + ".")) {
        warnings.add(
            "It begins like `" + allowed + "`, which is allowed, but is a different domain.");
      } else if (skeleton(read).equals(skeleton(allowed)) || isOneTypoAway(name, allowed)) {
        warnings.add("It looks like `" + allowed + "`, which is allowed, but is a different host.");
      }
    }
  }

  private static Set<String> scripts(String text) {
    return text.codePoints()
        .mapToObj(UnicodeScript::of)
        .filter(s -> s != UnicodeScript.COMMON && s != UnicodeScript.INHERITED)
        .map(s -> s.name().charAt(0) + s.name().substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String escaped(String text) {
    return SanitizedText.of(text).orElse("");
  }

  /**
   * Maps letters that look alike to the same letter. Covers only the most common letters of Unicode
   * TR 39.
   */
  private static String skeleton(String text) {
    StringBuilder shape = new StringBuilder();
    text.toLowerCase(java.util.Locale.ROOT)
        .codePoints()
        .forEach(c -> shape.appendCodePoint(shape(c)));
    return shape.toString().replace("rn", "m").replace("vv", "w").replace("cl", "d");
  }

  private static int shape(int point) {
    String from = "01іıl|аеорсухѕјһԁɡαορνκτ5";
    String to = "ollllLaeopcyxsjhdgaopvkts";
    int at = from.indexOf(point);
    return at < 0 ? point : to.charAt(at);
  }

  /**
   * Returns whether the texts differ by one added, missing or replaced letter, or by two adjacent
   * letters that are swapped.
   */
  private static boolean isOneTypoAway(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 1 || a.length() < 6) {
      return false;
    }
    int same = 0;
    int shorter = Math.min(a.length(), b.length());
    while (same < shorter && a.charAt(same) == b.charAt(same)) {
      same++;
    }
    int end = 0;
    while (end < shorter - same
        && a.charAt(a.length() - 1 - end) == b.charAt(b.length() - 1 - end)) {
      end++;
    }
    int left = a.length() - same - end;
    int right = b.length() - same - end;
    boolean swapped =
        left == 2
            && right == 2
            && a.charAt(same) == b.charAt(same + 1)
            && a.charAt(same + 1) == b.charAt(same);
    return Math.max(left, right) <= 1 || swapped;
  }
}
