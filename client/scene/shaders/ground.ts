// Ground and bridges: land, parks, streets with kerbs and markings, pavements, plazas, rails; with soft contact shadow.

import { surfaceKinds } from "../../../worlds/format/tile.ts";
import { airFunctions, airUniforms, lightFunctions, noiseFunctions } from "./air.ts";

const is = (kind: keyof typeof surfaceKinds): string => `abs(vSurface-${surfaceKinds[kind]}.)<.5`;

/** Beside the tile format's surfaces: the board around the modelled area. */
export const boardSurface = 100;

export const groundVertex = /* glsl */ `
${airUniforms}
attribute vec3 position; attribute vec4 normal; attribute float object;
uniform mat4 world; uniform mat4 viewProjection;
varying vec3 vPosition; varying vec3 vNormal; flat varying float vSurface; flat varying float vChosen;
void main(void){
  vec4 p=world*vec4(position,1.);
  vPosition=p.xyz; vNormal=normal.xyz; vSurface=floor(normal.w*127.+.5);
  vChosen=abs(HIGHLIGHT-object)<.5?1.:0.;
  gl_Position=viewProjection*p;
  /* Thin layers lie centimetres apart: far away the depth buffer needs help to keep them in order. */
  float rank=${is("marking")}||${is("rail")}?3.:${is("kerb")}||${is("plaza")}?2.:${is("road")}||${is("pavement")}?1.5:${is("park")}?1.:0.;
  gl_Position.z-=rank*6e-7*gl_Position.w;
}`;

export const groundFragment = /* glsl */ `
${airUniforms}
${noiseFunctions}
${airFunctions}
${lightFunctions}
varying vec3 vPosition; varying vec3 vNormal; flat varying float vSurface; flat varying float vChosen;
vec3 grass(vec2 p){
  float big=grain(p*.028),mid=grain(p*.21+9.),fine=grain(p*2.3);
  vec3 c=mix(vec3(.335,.385,.205),vec3(.43,.455,.265),big);
  c*=.86+.20*mid+.12*fine*ramp(.8,.1,length(fwidth(p)));
  return c;
}
/* Pale card with the faint lines of a cutting mat, a hundred metres apart. */
vec3 board(vec2 p,vec2 f){
  float lines=max(pulses(p.x/100.,.006,f.x/100.),pulses(p.y/100.,.006,f.y/100.));
  return vec3(.66,.635,.585)*(.985+.03*grain(p*.02))*(1.-.10*lines);
}
/* Gardens: each lot has its own lawn, beds or paving, and a hedge around it. */
vec3 gardens(vec2 p,vec2 f){
  vec2 q=vec2(.94*p.x+.34*p.y,.94*p.y-.34*p.x)/vec2(9.,21.); vec2 fq=max(f.x,f.y)/vec2(9.,21.);
  vec2 id=floor(q); float lot=hash2(id+.5),lot2=hash2(id+7.5);
  vec3 lawn=grass(p)*(.90+.24*lot);
  vec3 c=lot2<.26?vec3(.55,.515,.45)*(.92+.12*lot):lot2<.42?vec3(.36,.30,.225)*(.9+.3*grain(p*1.1)):lawn;
  float hedge=max(pulses(q.x+.5,.07,fq.x),pulses(q.y+.5,.03,fq.y));
  return mix(c,vec3(.215,.27,.135)*(.85+.3*grain(p*1.9)),hedge*.8);
}
void main(void){
  vec3 n=normalize(vNormal); vec3 view=normalize(EYE-vPosition);
  if(dot(n,view)<0.) n=-n;
  vec2 p=vPosition.xz; vec2 f=fwidth(p)+1e-4; float fine=ramp(.5,.05,max(f.x,f.y));
  vec3 sky=bakedSky(vPosition); float open=sky.r; float gloss=0.;
  vec3 albedo;
  if(${is("road")}){
    albedo=vec3(.30,.295,.285)*(.93+.14*grain(p*.35))*(.97+.06*grain(p*9.)*fine);
    gloss=.05;
  } else if(${is("pavement")}||${is("kerb")}){
    float joints=max(pulses(p.x/.9,.03,f.x/.9),pulses(p.y/.6,.045,f.y/.6));
    float slab=mix(.5,hash2(floor(p/vec2(.9,.6)+.5)),fine);
    albedo=vec3(.565,.54,.495)*(.95+.08*slab+.05*grain(p*.6)); albedo*=1.-.22*joints;
    if(${is("kerb")}) albedo=vec3(.66,.645,.61)*(.97+.06*grain(p*3.)*fine);
  } else if(${is("plaza")}){
    /* Large pale bands around small setts, turned by an eighth. */
    vec2 q=vec2(p.x+p.y,p.x-p.y)*.7071; vec2 fq=fwidth(q)+1e-4;
    float bands=max(pulses(q.x/6.,.09,fq.x/6.),pulses(q.y/6.,.09,fq.y/6.));
    float setts=max(pulses(q.x/.42,.10,fq.x/.42),pulses(q.y/.42,.10,fq.y/.42));
    float tone=mix(.5,hash2(floor(q/.42+.5)),fine); float field=mod(floor(q.x/6.+.5)+floor(q.y/6.+.5),2.);
    albedo=mix(vec3(.60,.555,.485),vec3(.545,.50,.435),field*ramp(3.,.5,max(fq.x,fq.y)))*(.93+.13*tone); albedo*=1.-.13*setts;
    albedo=mix(albedo,vec3(.73,.70,.64),bands);
  } else if(${is("park")}){ albedo=grass(p); }
  else if(${is("marking")}){ albedo=vec3(.74,.735,.71)*(.86+.14*grain(p*5.)); }
  else if(${is("rail")}){ albedo=vec3(.23,.225,.22); gloss=.55; }
  else if(${is("bridge")}){
    albedo=vec3(.64,.615,.57)*(.95+.09*grain(p*.7+vPosition.y)); float fy=fwidth(vPosition.y);
    if(n.y<.5) albedo*=1.-.12*pulses(vPosition.y/.5,.07,fy/.5);
  } else if(${is("water")}){ albedo=vec3(.06,.10,.11); gloss=.5; }
  else if(${is("land")}){
    /* Yards and verges: the paper of the model, worn towards grass away from the houses. */
    float wild=ramp(.62,.93,open+.25*(grain(p*.05)-.5)+.1*(grain(p*.6)-.5));
    vec3 green=mix(gardens(p,f),grass(p)*1.02,ramp(.985,1.,open));
    albedo=mix(vec3(.50,.47,.405)*(.94+.10*grain(p*.8)),green,wild*.9);
  } else if(abs(vSurface-${boardSurface}.)<.5){ albedo=board(p,f)*(.80+.20*ramp(0.,70.,beyond(p)));
  } else { albedo=vec3(.52,.49,.44)*(.95+.1*grain(p*.5)); }
  if(${is("land")}||${is("park")}) albedo=mix(albedo,board(p,f),ramp(0.,45.,beyond(p)));
  float sun=sunlit(vPosition,n);
  vec3 c=lit(albedo,n,open,sun)+albedo*LAMPLIGHT*sky.b*1.25;
  if(gloss>0.){
    float fresnel=pow(1.-max(dot(n,view),0.),5.);
    c+=skyColour(reflect(-view,n))*gloss*(.08+.9*fresnel)*open;
    c+=KEY_COLOUR*sun*gloss*.25*pow(max(dot(reflect(-view,n),KEY_DIRECTION),0.),40.);
  }
  c+=vChosen*vec3(.03,.14,.22)*(1.-.6*NIGHT);
  gl_FragColor=finished(withFog(c,vPosition),gl_FragCoord.xy);
}`;
