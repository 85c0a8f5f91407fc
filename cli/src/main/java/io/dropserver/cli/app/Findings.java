package io.dropserver.cli.app;

import java.util.ArrayList;
import java.util.List;

/** Keeps the first {@value #MAXIMUM} findings, and counts the others. */
final class Findings {
  static final int MAXIMUM = 1000;

  private final List<Finding> list = new ArrayList<>();
  private int omitted;

  void add(Finding finding) {
    if (list.size() < MAXIMUM) {
      list.add(finding);
    } else {
      omitted++;
    }
  }

  List<Finding> list() {
    return List.copyOf(list);
  }

  int omitted() {
    return omitted;
  }
}
