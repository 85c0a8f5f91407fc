package io.dropserver.sandbox.deno;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionPolicyTest {
  private final PermissionPolicy policy =
      new PermissionPolicy(
          outside ->
              outside.equals("api.example.com:443")
                  ? Optional.empty()
                  : Optional.of("not whitelisted"));

  @ParameterizedTest
  @CsvSource({
    "read, /app/main.ts",
    "read, notes.txt",
    "read, /data/../app/main.ts",
    "read, /dropserver/runtime/main.ts",
    "read, /dropserver/cache/npm/registry.example/tool/1.0.0/package.json",
    "write, /data",
    "write, notes.txt",
    "write, /tmp/x",
    "env, HOME",
    "sys, hostname",
    "sys, umask",
    "sys, getegid",
    "net, unix:/run/app/app.sock",
    "net, unix:/run/dropserver/services.sock",
    "net, unix:/run/dropserver/egress.sock",
    "net, api.example.com:443",
    "write, /run/dropserver/egress.sock"
  })
  void permissionsThatAppsNeedAreAllowed(String permission, String value) {
    assertThat(judge(permission, value)).isInstanceOf(Verdict.Allow.class);
  }

  @ParameterizedTest
  @CsvSource({
    "read, /",
    "read, /etc/passwd",
    "read, /data/../etc/passwd",
    "read, ../proc/self/environ",
    "read, /database",
    "read, /dropserver/deno",
    "read, /proc/self/mem",
    "write, /app/main.ts",
    "write, /run/dropserver/broker.sock",
    "write, /dropserver/cache/x",
    "write, /data/../app",
    "net, example.org:443",
    "net, 127.0.0.1:22",
    "net, unix:/run/dropserver/broker.sock",
    "net, unix:/run/app/../dropserver/broker.sock",
    "net, unix:/data/other.sock",
    "net, vsock:2:1",
    "sys, networkInterfaces",
    "sys, osUptime",
    "run, /bin/sh",
    "ffi, /data/x.so",
    "import, esm.sh:443",
    "teleport, x"
  })
  void otherPermissionsAreDenied(String permission, String value) {
    assertThat(judge(permission, value)).isInstanceOf(Verdict.Deny.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "write", "net", "sys", "run", "ffi", "import"})
  void unrestrictedPermissionsAreDenied(String permission) {
    assertThat(policy.decide(new PermissionRequest(1, permission, Optional.empty())))
        .isInstanceOf(Verdict.Deny.class);
  }

  @Test
  void anInvalidPathIsDenied() {
    assertThat(judge("read", "/data/\0/etc/passwd")).isInstanceOf(Verdict.Deny.class);
  }

  @Test
  void aDeniedDestinationIsNamedInTheReason() {
    assertThat(judge("net", "example.org:443"))
        .isEqualTo(new Verdict.Deny("example.org:443: not whitelisted"));
  }

  @Test
  void aRefusedAddonIsNamedWithWhatToUseInstead() {
    assertThat(judge("ffi", "/data/x.node"))
        .isInstanceOfSatisfying(
            Verdict.Deny.class,
            deny -> assertThat(deny.reason()).contains("native addon").contains("node:sqlite"));
  }

  private Verdict judge(String permission, String value) {
    return policy.decide(new PermissionRequest(1, permission, Optional.of(value)));
  }
}
