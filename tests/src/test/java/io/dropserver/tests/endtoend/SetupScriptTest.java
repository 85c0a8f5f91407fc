package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/setup} on a distribution without a package of JDK 25. */
class SetupScriptTest {
  @TempDir Path folder;

  @Test
  void aDistributionWithoutThePackageIsToldWhereToGetTheJdk() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can hide the JDK");
    install("apt-cache", "echo 'openjdk-25-jdk-headless:'; echo '  Candidate: (none)'");
    install("apt-get", "echo \"$@\" >> " + folder.resolve("calls"));
    Path script = CommandLineProgram.checkout().resolve("bin/setup");
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs none /usr/lib/jvm && mount -t tmpfs none /opt && exec \"$@\"",
                "sh",
                "env",
                "--unset=JAVA_HOME",
                "--unset=DROPSERVER_JAVA_HOME",
                "HOME=" + folder,
                "PATH=" + folder + ":/usr/sbin:/usr/bin:/sbin:/bin",
                script.toString(),
                "--build")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isEqualTo(1);
    assertThat(output)
        .contains("has no package of JDK 25; nothing was installed", "DROPSERVER_JAVA_HOME")
        .contains("/opt/jdk-25");
    assertThat(folder.resolve("calls")).hasContent("update -qq");
  }

  private void install(String name, String script) throws IOException {
    Path program = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
