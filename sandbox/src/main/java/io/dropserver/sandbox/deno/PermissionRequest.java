package io.dropserver.sandbox.deno;

import java.util.Optional;

/**
 * What Deno asks the broker. All of it comes from the sandbox and is trusted in nothing.
 *
 * @param value as the app wrote it: a relative or unnormalised path, {@code host:port}, {@code
 *     unix:/path}; absent for everything of that kind, and always for {@code run}
 */
public record PermissionRequest(long id, String permission, Optional<String> value) {}
