// Everything instanced: trees in the wind, lamps, vehicles, people. One shader, so one look.
// Vertex `part`: what the surface is (see `partKinds`), and how it moves: wind weight, or a limb and its pivot.
// Instance `tint`: colour, and in w a phase (people), a light (lamps) or a seed (trees).

import { airFunctions, airUniforms, lightFunctions, noiseFunctions } from "./air.ts";

/** Values of `part.x`. */
export const partKinds = {
  plain: 0,
  tinted: 1,
  glass: 2,
  leaf: 3,
  light: 4,
  solar: 5,
  skin: 6,
  hair: 7,
  legs: 8,
} as const;

/** Values of `part.y` for people: which limb swings. `part.z` is the height of its pivot. */
export const limbs = { none: 0, leftLeg: 1, rightLeg: 2, leftArm: 3, rightArm: 4, head: 5, wheel: 6 } as const;

export const propMotion = /* glsl */ `
attribute vec3 position; attribute vec3 normal; attribute vec3 part; attribute vec4 tint;
#ifdef PEOPLE
attribute vec4 motion;
#endif
#include<instancesDeclaration>
void move(inout vec3 p,inout vec3 nn,float time,mat4 place){
#ifdef PEOPLE
  /* motion: phase in steps, swing 0..1, gesture (1 wave, 2 nod, 3 clap), its progress */
  float limb=part.y; float swing=sin(motion.x*3.14159)*motion.y; float a=0.;
  if(limb>.5&&limb<1.5) a=swing*.62; else if(limb>1.5&&limb<2.5) a=-swing*.62;
  else if(limb>2.5&&limb<3.5) a=-swing*.5; else if(limb>3.5&&limb<4.5) a=swing*.5;
  float g=motion.z; float ease=sin(clamp(motion.w,0.,1.)*3.14159);
  if(g>.5&&g<1.5&&limb>3.5&&limb<4.5) a=mix(a,-2.75,min(1.,ease*2.))+.0;
  if(g>1.5&&g<2.5&&limb>4.5) a=.35*ease*sin(motion.w*18.);
  if(g>2.5&&limb>2.5&&limb<4.5) a=mix(a,-1.25,min(1.,ease*2.));
  float c=cos(a),s=sin(a); float y=p.y-part.z,z=p.z; p.y=part.z+y*c+z*s; p.z=z*c-y*s; 
  float ny=nn.y,nz=nn.z; nn.y=ny*c+nz*s; nn.z=nz*c-ny*s;
  if(g>.5&&g<1.5&&limb>3.5&&limb<4.5){ float w=sin(motion.w*26.)*.45*ease; float cy=p.y-part.z; p.x+=w*cy; }
  if(g>2.5&&limb>2.5&&limb<4.5){ float w=(.5+.5*sin(motion.w*50.))*ease; p.x+=(limb<3.5?1.:-1.)*.16*w*step(.2,length(vec2(y,0.))); }
  p.y+=abs(cos(motion.x*3.14159))*motion.y*.035;
#endif
#ifdef WIND
  float weight=part.y*part.y*.9; vec2 at=place[3].xz;
  float gust=.6+.4*sin(time*.37+at.x*.013+at.y*.017);
  p.x+=weight*gust*(.5*sin(time*1.3+at.x*.21+p.y*.35)+.18*sin(time*3.7+p.z*2.1+at.y))*.1;
  p.z+=weight*gust*(.5*cos(time*1.1+at.y*.23+p.y*.31)+.18*cos(time*4.1+p.x*2.3+at.x))*.1;
#endif
#ifdef BIRDS
  p.y+=abs(p.x)*sin(time*9.+tint.w*40.)*.75;
#endif
}`;

export const propVertex = /* glsl */ `
${airUniforms}
uniform mat4 viewProjection;
attribute vec3 color;
${propMotion}
varying vec3 vPosition; varying vec3 vNormal; varying vec3 vColour; flat varying float vKind; varying vec4 vTint; varying float vInner;
void main(void){
  #include<instancesVertex>
  vec3 p=position,nn=normal; move(p,nn,TIME,finalWorld);
  vec4 q=finalWorld*vec4(p,1.);
  vPosition=q.xyz; vNormal=normalize(mat3(finalWorld)*nn); vColour=color; vKind=part.x; vTint=tint;
  vInner=part.z;
  gl_Position=viewProjection*q;
}`;

export const propFragment = /* glsl */ `
${airUniforms}
${noiseFunctions}
${airFunctions}
${lightFunctions}
varying vec3 vPosition; varying vec3 vNormal; varying vec3 vColour; flat varying float vKind; varying vec4 vTint; varying float vInner;
void main(void){
#ifndef PEOPLE
  /* What stands between the eye and one's own avatar gives way, grain by grain. */
  float reach=FADE_REACH*.62;
#ifdef WIND
  reach*=2.7;
#endif
  float close=length(EYE-vPosition);
  if(close<reach){
    float grainHere=fract(52.9829189*fract(dot(gl_FragCoord.xy,vec2(.06711056,.00583715))));
    if(grainHere>ramp(.8*reach,reach,close)) discard;
  }
#endif
  vec3 n=normalize(vNormal); vec3 view=normalize(EYE-vPosition);
  vec3 albedo=vColour; float gloss=0.; vec3 glow=vec3(0.); vec3 sky=bakedSky(vPosition+n*.5); float open=sky.r; open=mix(open,1.,.35);
  if(vKind>.5&&vKind<1.5) albedo=vColour*vTint.rgb;
  else if(vKind>1.5&&vKind<2.5){ albedo=vec3(.05,.06,.065); gloss=1.; glow=vec3(1.,.80,.52)*NIGHT*vColour.r*.55; }
  else if(vKind>2.5&&vKind<3.5){
    albedo=vColour*vTint.rgb*(.86+.28*grain(vPosition.xz*2.7+vPosition.y*3.1));
    open*=mix(.62,1.08,vInner);
    /* Leaves let some light through from behind. */
    float back=pow(max(dot(-view,KEY_DIRECTION),0.),3.);
    glow=albedo*KEY_COLOUR*(.10+.5*back)*vInner*.5*vec3(.95,1.,.55);
  }
  else if(vKind>3.5&&vKind<4.5){ glow=vColour*vTint.w*2.4; albedo=mix(vec3(.78,.77,.73),vColour,.3); }
  else if(vKind>4.5&&vKind<5.5){ albedo=vec3(.018,.03,.075); gloss=.9; }
  float sun=sunlit(vPosition,n);
  vec3 c;
  if(vKind>2.5&&vKind<3.5){
    float wrap=max((dot(n,KEY_DIRECTION)+.35)/1.35,0.);
    c=albedo*(KEY_COLOUR*wrap*mix(.3,1.,sun)*mix(.75,1.,vInner)+ambient(n)*open)+glow*mix(.25,1.,sun);
  } else c=lit(albedo,n,open,sun)+glow;
  c+=albedo*LAMPLIGHT*sky.b*(vKind>2.5&&vKind<3.5?.16:.8);
  if(gloss>0.){
    float fresnel=.07+.93*pow(1.-max(dot(n,view),0.),5.); vec3 ray=reflect(-view,n); ray.y=abs(ray.y);
    c+=skyColour(ray)*gloss*(.18+.82*fresnel)*mix(.6,1.,open);
    c+=KEY_COLOUR*gloss*sun*pow(max(dot(reflect(-view,n),KEY_DIRECTION),0.),180.)*2.;
  }
#ifdef PEOPLE
  c+=vec3(.02,.14,.24)*vTint.w;
#endif
  gl_FragColor=finished(withFog(c,vPosition),gl_FragCoord.xy);
}`;

/** Depth only, for the shadow map. */
export const propCasterVertex = /* glsl */ `
precision highp float;
uniform mat4 viewProjection; uniform float casterTime;
${propMotion}
void main(void){
  #include<instancesVertex>
  vec3 p=position,nn=normal; move(p,nn,casterTime,finalWorld);
  gl_Position=viewProjection*(finalWorld*vec4(p,1.));
}`;
export const tileCasterVertex = /* glsl */ `
precision highp float;
invariant gl_Position;
attribute vec3 position; uniform mat4 world; uniform mat4 viewProjection;
void main(void){ vec4 p=world*vec4(position,1.); gl_Position=viewProjection*p; }`;
export const casterFragment = /* glsl */ `
precision highp float;
void main(void){ gl_FragColor=vec4(1.); }`;
