package io.dropserver.schema.instance;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Orders version numbers part by part, comparing numeric parts as numbers. A version with a hyphen
 * precedes the same version without one, as in section 11 of Semantic Versioning.
 */
public final class VersionOrder {
  private VersionOrder() {}

  public static int compare(String one, String other) {
    String[] a = one.split("\\+", 2)[0].split("-", 2);
    String[] b = other.split("\\+", 2)[0].split("-", 2);
    int numbers = parts(a[0], b[0]);
    if (numbers != 0) {
      return numbers;
    }
    if (a.length != b.length) {
      return Integer.compare(b.length, a.length);
    }
    return a.length == 1 ? 0 : parts(a[1], b[1]);
  }

  private static int parts(String one, String other) {
    return Arrays.compare(one.split("\\."), other.split("\\."), VersionOrder::part);
  }

  private static int part(String one, String other) {
    boolean number = one.matches("\\d+");
    if (number && other.matches("\\d+")) {
      return new BigInteger(one).compareTo(new BigInteger(other));
    }
    return number == other.matches("\\d+") ? one.compareTo(other) : number ? -1 : 1;
  }
}
