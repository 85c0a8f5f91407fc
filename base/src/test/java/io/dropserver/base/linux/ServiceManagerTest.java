package io.dropserver.base.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
  /** Receives one datagram at the address of its argument, in which {@code @} means a zero byte. */
  private static final String MANAGER =
      """
      use Socket; $| = 1; my $name = $ARGV[0]; $name =~ s/^@/\\0/;
      socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, pack("S a*", AF_UNIX, $name)) or die "$!";
      print "bound\\n"; recv($s, my $message, 1000, 0); print "$message\\n";
      """;

  @TempDir Path folder;

  private static void assertReceives(String socket) throws IOException {
    Process manager =
        new ProcessBuilder("perl", "-e", MANAGER, socket).redirectErrorStream(true).start();
    try (BufferedReader output = manager.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("bound");
      ServiceManager.reportReady(socket);
      assertThat(output.readLine()).isEqualTo("READY=1");
    } finally {
      manager.destroyForcibly();
    }
  }

  @Test
  void theManagerIsToldAtAPathAndAtAnAbstractName() throws IOException {
    assertReceives(folder.resolve("notify").toString());
    assertReceives("@dropserver-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
  }

  @Test
  void aSocketThatDoesNotExistIsNamed() {
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> ServiceManager.reportReady(absent.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(absent.toString());
    for (String invalid : new String[] {"", "relative", "/" + "a".repeat(107)}) {
      assertThatThrownBy(() -> ServiceManager.reportReady(invalid))
          .hasMessageContaining("is not a valid address");
    }
  }
}
