package io.dropserver.sandbox.deno;

import java.util.Optional;

/**
 * A request of Deno to the broker. All of it comes from the sandbox and is untrusted.
 *
 * @param value as the app wrote it: a relative or unnormalised path, {@code host:port}, {@code
 *     unix:/path}; absent if the request is for everything of that kind, and always for {@code run}
 */
public record PermissionRequest(long id, String permission, Optional<String> value) {}
