package io.dropserver.tests.hostile;

import java.io.IOException;

/**
 * Message queues of the host of both kinds, accessible to every user: msgget(2), mq_open(3).
 * Created and removed by Perl, which is essential on Debian, because Java supports neither.
 */
final class MessageQueues implements AutoCloseable {
  /** The keys, names and system call numbers (x86-64) are those of the attacks. */
  private static final String MAKE =
      """
      defined msgget(0x64726f70, 01000 | 0666) or die "msgget: $!";
      umask 0; my $name = "dropserver-attack"; my ($flags, $mode) = (0102, 0666);
      syscall(240, $name, $flags, $mode, 0) >= 0 or die "mq_open: $!";
      """;

  private static final String REMOVE =
      """
      my $queue = msgget(0x64726f70, 0); msgctl($queue, 0, 0) if defined $queue;
      my $name = "dropserver-attack"; syscall(241, $name);
      """;

  private MessageQueues() {}

  static MessageQueues make() throws IOException {
    run(MAKE);
    return new MessageQueues();
  }

  private static void run(String program) throws IOException {
    Process perl = new ProcessBuilder("perl", "-e", program).inheritIO().start();
    if (perl.onExit().join().exitValue() != 0) {
      throw new IOException("the host has no message queues to attack");
    }
  }

  @Override
  public void close() throws IOException {
    run(REMOVE);
  }
}
