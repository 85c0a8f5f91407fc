@NullMarked
package io.dropserver.server.trial;

import org.jspecify.annotations.NullMarked;
