@NullMarked
package io.dropserver.web.upstream;

import org.jspecify.annotations.NullMarked;
