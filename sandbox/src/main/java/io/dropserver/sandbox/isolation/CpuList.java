package io.dropserver.sandbox.isolation;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers of processors as the kernel writes them, such as {@code 0-3,8}; see cpuset(7). */
final class CpuList {
  private CpuList() {}

  /** The same list where it names one processor only. */
  static String of(String list, Cpus which) {
    int[] all = all(list);
    if (all.length < 2) {
      return list;
    }
    return switch (which) {
      case ALL -> list;
      case FIRST -> Integer.toString(all[0]);
      case OTHERS ->
          IntStream.of(all).skip(1).mapToObj(Integer::toString).collect(Collectors.joining(","));
    };
  }

  /** Empty where it names one processor only. */
  static OptionalInt first(String list) {
    int[] all = all(list);
    return all.length < 2 ? OptionalInt.empty() : OptionalInt.of(all[0]);
  }

  private static int[] all(String list) {
    return Arrays.stream(list.split(",")).flatMapToInt(CpuList::range).sorted().toArray();
  }

  private static IntStream range(String range) {
    String[] ends = range.strip().split("-", 2);
    int first = Integer.parseInt(ends[0]);
    return IntStream.rangeClosed(first, ends.length == 1 ? first : Integer.parseInt(ends[1]));
  }
}
