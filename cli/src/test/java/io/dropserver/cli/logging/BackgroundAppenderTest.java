package io.dropserver.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackgroundAppenderTest {
  private static final int THREADS = 4;
  private static final int EACH = 20_000;

  private final LoggerContext context = context();
  private final Logger logger = context.getLogger("test");
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @Test
  void everyLineIsWrittenWholeAndEachThreadsInOrder() throws InterruptedException {
    BackgroundAppender appender = appender(written);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int thread = t;
      threads.add(Thread.ofVirtual().start(() -> log(appender, thread, EACH)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    appender.stop();

    List<String> lines = written.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(THREADS * EACH);
    for (int t = 0; t < THREADS; t++) {
      String prefix = t + "-";
      assertThat(lines.stream().filter(line -> line.startsWith(prefix)))
          .containsExactlyElementsOf(IntStream.range(0, EACH).mapToObj(i -> prefix + i).toList());
    }
  }

  @Test
  void aLineIsWrittenWithoutAnotherOneFollowing() {
    BackgroundAppender appender = appender(written);
    log(appender, 0, 1);
    await().until(() -> written.toString(StandardCharsets.UTF_8).equals("0-0\n"));
    log(appender, 1, 1);
    await().until(() -> written.toString(StandardCharsets.UTF_8).equals("0-0\n1-0\n"));
    appender.stop();
  }

  @Test
  void aLoggingThreadWaitsForASlowReaderAndLosesNoLine() throws InterruptedException {
    CountDownLatch read = new CountDownLatch(1);
    AtomicInteger logged = new AtomicInteger();
    BackgroundAppender appender =
        appender(
            new OutputStream() {
              @Override
              public void write(int b) {
                written.write(b);
              }

              @Override
              public void write(byte[] bytes, int offset, int length) {
                try {
                  read.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                written.write(bytes, offset, length);
              }
            });
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < EACH; i++) {
                    log(appender, i, 1);
                    logged.incrementAndGet();
                  }
                });

    await().until(() -> thread.getState() == Thread.State.WAITING);
    assertThat(logged.get()).isLessThan(EACH);
    read.countDown();
    thread.join();
    appender.stop();
    assertThat(written.toString(StandardCharsets.UTF_8).lines()).hasSize(EACH);
  }

  @Test
  void aLineThatCannotBeWrittenDelaysNoOtherLine() {
    BackgroundAppender appender =
        new BackgroundAppender(
            new EncoderBase<>() {
              @Override
              public byte[] headerBytes() {
                return new byte[0];
              }

              @Override
              public byte[] encode(ILoggingEvent event) {
                if (event.getMessage().equals("0-0")) {
                  throw new IllegalStateException("not this one");
                }
                return (event.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
              }

              @Override
              public byte[] footerBytes() {
                return new byte[0];
              }
            },
            new PrintStream(written, true, StandardCharsets.UTF_8));
    appender.setContext(context);
    appender.start();
    log(appender, 0, 2);
    appender.stop();
    assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("0-1\n");
  }

  private static LoggerContext context() {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    return context;
  }

  private void log(BackgroundAppender appender, int thread, int count) {
    for (int i = 0; i < count; i++) {
      appender.doAppend(new LoggingEvent("test", logger, Level.INFO, thread + "-" + i, null, null));
    }
  }

  private BackgroundAppender appender(OutputStream to) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    BackgroundAppender appender =
        new BackgroundAppender(encoder, new PrintStream(to, true, StandardCharsets.UTF_8));
    appender.setContext(context);
    appender.start();
    return appender;
  }
}
