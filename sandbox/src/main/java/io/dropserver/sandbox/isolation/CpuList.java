package io.dropserver.sandbox.isolation;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers of processors as the kernel writes them, such as {@code 0-3,8}; see cpuset(7). */
final class CpuList {
  private CpuList() {}

  /** The same list where it names one processor only. */
  static String withoutFirst(String list) {
    int[] all = Arrays.stream(list.split(",")).flatMapToInt(CpuList::range).sorted().toArray();
    if (all.length < 2) {
      return list;
    }
    return IntStream.of(all).skip(1).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  private static IntStream range(String range) {
    String[] ends = range.strip().split("-", 2);
    int first = Integer.parseInt(ends[0]);
    return IntStream.rangeClosed(first, ends.length == 1 ? first : Integer.parseInt(ends[1]));
  }
}
