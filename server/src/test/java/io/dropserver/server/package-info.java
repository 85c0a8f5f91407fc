@NullMarked
package io.dropserver.server;

import org.jspecify.annotations.NullMarked;
