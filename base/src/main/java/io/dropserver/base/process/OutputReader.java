package io.dropserver.base.process;

import java.io.IOException;
import java.io.InputStream;

/** Reads the standard output of a program, on a thread of its own. */
@FunctionalInterface
public interface OutputReader {
  /** Returns true if the rest is not needed. The program is then killed. */
  boolean read(InputStream output) throws IOException;
}
