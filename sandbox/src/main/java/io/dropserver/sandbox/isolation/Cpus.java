package io.dropserver.sandbox.isolation;

/** Which of the processors that a group's parent has. */
public enum Cpus {
  ALL,
  FIRST,
  OTHERS
}
