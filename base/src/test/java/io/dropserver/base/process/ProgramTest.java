package io.dropserver.base.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.base.process.ProgramEnd.Cause;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
class ProgramTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir private Path folder;

  private Program shell(String script) {
    return Program.of("/bin/sh", "-c", script)
        .environment(Program.PLAIN_ENVIRONMENT)
        .folder(folder);
  }

  private long pid(String file) throws IOException {
    return Long.parseLong(Files.readString(folder.resolve(file)).strip());
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  @Test
  void argumentsReachTheProgramUnchangedAndNothingElseDoes() throws IOException {
    ProgramEnd end =
        Program.of("/usr/bin/env", "A=$HOME `id`", "/bin/sh", "-c", "env; pwd; cat").run();
    assertThat(end.succeeded()).isTrue();
    assertThat(end.output().lines().filter(line -> !line.matches("(PWD|SHLVL|_|OLDPWD)=.*")))
        .containsExactly("A=$HOME `id`", "/");
  }

  @Test
  void theStatusIsAValue() throws IOException {
    ProgramEnd end = shell("echo output; echo error >&2; exit 7").run();
    assertThat(end).isEqualTo(new ProgramEnd(Cause.EXITED, 7, "output\n", "error\n"));
    assertThat(end.succeeded()).isFalse();
    assertThat(shell("kill -KILL $$").run().status()).isEqualTo(128 + 9);
  }

  @Test
  void inputAndVariablesReachTheProgram() throws IOException {
    byte[] input = "x".repeat(1 << 20).getBytes(UTF_8);
    ProgramEnd end =
        shell("echo $NAME; wc -c").environment(Map.of("NAME", "value")).input(input).run();
    assertThat(end.output()).isEqualTo("value\n1048576\n");
    Path file = Files.write(folder.resolve("input"), input);
    assertThat(shell("wc -c").input(file).run().output()).isEqualTo("1048576\n");
  }

  @Test
  void aProgramThatDoesNotReadItsInputEndsAnyway() throws IOException {
    assertThat(shell("exit 3").input(new byte[1 << 20]).run().status()).isEqualTo(3);
  }

  @Test
  void outputBeyondTheBoundKillsTheProgram() throws IOException {
    ProgramEnd end = shell("exec yes").keepFirst(1000).run();
    assertThat(end.cause()).isEqualTo(Cause.OUTPUT_SUFFICIENT);
    assertThat(end.output()).isEqualTo("y\n".repeat(500));
    assertThat(end.succeeded()).isFalse();
  }

  @Test
  void outputBeyondTheBoundIsNotTakenForAWholeOneIfTheProgramHasEnded() throws IOException {
    assertThat(shell("printf 12345678").keepFirst(8).run().succeeded()).isTrue();
    ProgramEnd end = shell("printf 123456789").keepFirst(8).run();
    assertThat(end.cause()).isEqualTo(Cause.OUTPUT_SUFFICIENT);
    assertThat(end.output()).isEqualTo("12345678");
  }

  @Test
  void theEndOfALongOutputIsKept() throws IOException {
    ProgramEnd end = shell("yes | head -c 3000000; echo last").keepLast(9).run();
    assertThat(end.output()).isEqualTo("y\ny\nlast\n");
    assertThat(end.succeeded()).isTrue();
  }

  @Test
  void aFullStandardErrorBlocksNothing() throws IOException {
    ProgramEnd end = shell("yes error | head -c 3000000 >&2; echo done").run();
    assertThat(end.output()).isEqualTo("done\n");
    assertThat(end.errors()).hasSize(16 << 10).endsWith("error\n");
    assertThat(shell("echo a >&2; echo b").mergeErrors().run().output()).isEqualTo("a\nb\n");
  }

  @Test
  void aChildThatKeepsTheOutputOpenDelaysNothingAndLives() throws IOException {
    ProgramEnd end = shell("echo output; sleep 600 & echo $! >child").run();
    // The JDK closes the output at the end of the program, unless a thread is reading just then.
    assertThat(end.cause()).isIn(Cause.EXITED, Cause.OUTPUT_LEFT_OPEN);
    assertThat(end.status()).isZero();
    assertThat(end.output()).isEqualTo("output\n");
    assertThat(ProcessHandle.of(pid("child")).orElseThrow().destroyForcibly()).isTrue();
  }

  @Test
  void aChildThatKeepsOnlyTheErrorsOpenDelaysNothing() throws IOException {
    ProgramEnd end = shell("echo output; sleep 600 >&- & echo $! >child").run();
    assertThat(end.succeeded()).isTrue();
    assertThat(ProcessHandle.of(pid("child")).orElseThrow().destroyForcibly()).isTrue();
  }

  @Test
  void theTimeoutKillsTheWholeTree() throws IOException {
    ProgramEnd end =
        shell("echo begun; (sh -c 'echo $$ >inner; sleep 600; :' & echo $! >outer; wait)")
            .timeout(Duration.ofSeconds(2))
            .run();
    assertThat(end.cause()).isEqualTo(Cause.TIMED_OUT);
    assertThat(end.status()).isEqualTo(128 + 9);
    assertThat(end.output()).isEqualTo("begun\n");
    assertThat(isAlive(pid("inner"))).isFalse();
    assertThat(isAlive(pid("outer"))).isFalse();
  }

  @Test
  void theTimeoutCountsWhileAReaderReads() throws IOException {
    ProgramEnd end =
        shell("exec yes")
            .outputTo(
                output -> {
                  while (output.read() >= 0) {
                    // reads on
                  }
                  return false;
                })
            .timeout(SHORT)
            .run();
    assertThat(end.cause()).isEqualTo(Cause.TIMED_OUT);
  }

  @Test
  void anInterruptKillsTheProgramAndWaitsForItsEnd() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    shell("sleep 600 & echo $! >child; mv child started; wait").run();
                  } catch (IOException e) {
                    thrown.set(e);
                  }
                  interrupted.complete(Thread.currentThread().isInterrupted());
                });
    await().until(() -> Files.exists(folder.resolve("started")));
    caller.interrupt();
    assertThat(interrupted.get()).isTrue();
    assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
    assertThat(isAlive(pid("started"))).isFalse();
  }

  @Test
  void anInterruptCanBeIgnored() throws IOException {
    Thread.currentThread().interrupt();
    ProgramEnd end = shell("echo whole").ignoreInterrupts().run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(end.output()).isEqualTo("whole\n");
  }

  @Test
  void aCallerCancelsPrograms() throws IOException {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    cancelled.complete(true);
    assertThat(shell("sleep 600").until(cancelled).run().cause()).isEqualTo(Cause.CANCELLED);
  }

  @Test
  void aReaderEndsTheProgramOrFails() throws IOException {
    assertThat(shell("exec yes").outputTo(output -> output.read() == 'y').run().cause())
        .isEqualTo(Cause.OUTPUT_SUFFICIENT);
    assertThatThrownBy(
            () ->
                shell("exec yes")
                    .outputTo(
                        output -> {
                          throw new IllegalStateException("refused " + (char) output.read());
                        })
                    .run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("refused y");
  }

  @Test
  void aFileReceivesTheOutput() throws IOException {
    Path file = folder.resolve("output");
    assertThat(shell("echo text").outputTo(file).run().output()).isEmpty();
    assertThat(file).hasContent("text");
  }

  @Test
  void aMissingProgramAndOneThatIsNotExecutableAreNamed() throws IOException {
    assertThatThrownBy(() -> Program.of("/nowhere/program").run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/nowhere/program");
    Path file = Files.writeString(folder.resolve("program"), "#!/bin/sh\n");
    assertThatThrownBy(() -> Program.of(file.toString()).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> shell("true").folder(folder.resolve("gone")).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("gone");
  }

  @Test
  void theKernelEndsAProgramWithTheServerAndNotWithItsCaller() throws Exception {
    Program program = shell("read line; echo $line").endWithServer();
    AtomicReference<Process> started = new AtomicReference<>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    started.set(program.start());
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
    caller.join();
    try (var input = started.get().getOutputStream()) {
      input.write("alive\n".getBytes(UTF_8));
    }
    assertThat(Program.await(started.get(), Duration.ofSeconds(30)).output()).isEqualTo("alive\n");
  }
}
